import { DENY_BYTES_MAX, MESSAGE_BYTES_MAX, topicText } from "@portner/schema/mqtt";
import { InvariantError } from "../kernel/errors.ts";
import type { BrokerConnection, PublishOutcome } from "./connection.ts";

/** A confirmation takes a millisecond; a broker that takes two seconds is in trouble and the caller should hear so. */
const PUBLISH_DEADLINE_MS = 2_000;

/**
 * A message from a hub, already encoded and signed, sent at QoS 1. Only `cfg` and `deny` may be retained (an empty
 * payload takes the retained one away): the type has no way to retain a command.
 */
export type HubMessage = { readonly tenant: string; readonly payload: Uint8Array; readonly deadlineMs?: number } & (
  | { readonly channel: "cmd" | "ack" | "ans"; readonly lock: string; readonly retain?: false }
  | { readonly channel: "cfg"; readonly lock: string; readonly retain: boolean }
  | { readonly channel: "deny"; readonly retain: boolean }
);

/** Sends what hubs say to locks. */
export type Publisher = {
  /** Publishes now or not at all; see {@link PublishOutcome}. Throws only for a payload beyond the contract's size. */
  publish(message: HubMessage): Promise<PublishOutcome>;
};

/** A publisher over a hub's connection. */
export function createPublisher(connection: Pick<BrokerConnection, "publish">): Publisher {
  return {
    publish: (message) => {
      const { payload, retain = false, deadlineMs = PUBLISH_DEADLINE_MS } = message;
      const bytesMax = message.channel === "deny" ? DENY_BYTES_MAX : MESSAGE_BYTES_MAX;
      if (payload.byteLength > bytesMax) {
        throw new InvariantError(`a \`${message.channel}\` of ${payload.byteLength} bytes is beyond the contract`);
      }
      return connection.publish({ topic: topicText(message), payload, retain }, deadlineMs);
    },
  };
}
