import { DENY_BYTES_MAX } from "@portner/schema/mqtt";

/** Topic, message id and, at connect, names and secret: far below a kibibyte in every packet of the contract. */
const PACKET_OVERHEAD_BYTES = 1_024;

/** Largest packet a broker takes, in bytes: the largest message and what MQTT puts around it. */
export const PACKET_BYTES_MAX = DENY_BYTES_MAX + PACKET_OVERHEAD_BYTES;

/** Just below the 20,000 open files that a process was seen to get; larger fleets use an MQTT cluster. */
export const BROKER_CONNECTIONS_MAX = 19_000;

/** A peer on a slow mobile link needs a second or two to say who it is; one that says nothing holds a file. */
export const CONNECT_TIMEOUT_MS = 10_000;

/**
 * What may wait unsent for one lock, in bytes: its retained documents and a burst of answers. A lock that reads
 * nothing is cut off beyond it, instead of letting the others wait for it.
 */
export const LOCK_BACKLOG_BYTES_MAX = 131_072;

/** What may wait unsent for one hub, in bytes: about ten thousand events, two seconds of a whole fleet reconnecting. */
export const HUB_BACKLOG_BYTES_MAX = 4_194_304;

/** Second line behind the backlog limits: how long anything waits for a peer that does not read. */
export const DRAIN_TIMEOUT_MS = 2_000;

/** How often the broker looks whether its credentials file was replaced. */
export const CREDENTIALS_POLL_MS = 250;
