import { channelFilter, DENY_FILTER, HUB_CHANNELS, LOCK_CHANNELS, parseTopic } from "@portner/schema/mqtt";
import type { Topic } from "@portner/schema/mqtt";

/** Who speaks on a connection, proven by its credentials. A lock's id is also its user name and its client id. */
export type BrokerPrincipal =
  { readonly role: "hub" } | { readonly role: "lock"; readonly tenant: string; readonly lock: string };

/** What somebody wants to do. `topic` is a filter for `subscribe`, a concrete topic otherwise. */
export type BrokerRequest =
  | { readonly action: "publish"; readonly topic: string; readonly retain: boolean; readonly qos: number }
  | { readonly action: "subscribe"; readonly topic: string; readonly qos: number }
  | { readonly action: "receive"; readonly topic: string };

/** Why the broker refuses; closed list, used as a label of counters. */
export type AccessDenial =
  "unknown_topic" | "foreign_tenant" | "foreign_lock" | "wrong_channel" | "retained" | "quality" | "filter";

export type AccessVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: AccessDenial };

/** The contract knows QoS 0 and 1; the state that QoS 2 needs in a broker would only be something to exhaust. */
export const QOS_MAX = 1;

/** What every hub subscribes to, and all it may: what locks say, and the retained documents it reads back. */
export const HUB_FILTERS: readonly string[] = [...LOCK_CHANNELS, "cfg" as const].map(channelFilter).concat(DENY_FILTER);

const HUB_PUBLISHES: ReadonlySet<string> = new Set([...HUB_CHANNELS, "deny"]);
const HUB_RECEIVES: ReadonlySet<string> = new Set([...LOCK_CHANNELS, "cfg", "deny"]);
const LOCK_PUBLISHES: ReadonlySet<string> = new Set(LOCK_CHANNELS);
const LOCK_RECEIVES: ReadonlySet<string> = new Set([...HUB_CHANNELS, "deny"]);
const RETAINED: ReadonlySet<string> = new Set(["cfg", "deny"]);

const ALLOWED: AccessVerdict = { allowed: true };

function denied(reason: AccessDenial): AccessVerdict {
  return { allowed: false, reason };
}

function ownTopic(principal: BrokerPrincipal, topic: Topic): AccessVerdict {
  if (principal.role === "hub") return ALLOWED;
  if (topic.tenant !== principal.tenant) return denied("foreign_tenant");
  return topic.channel === "deny" || topic.lock === principal.lock ? ALLOWED : denied("foreign_lock");
}

function onChannels(principal: BrokerPrincipal, text: string, channels: ReadonlySet<string>): AccessVerdict {
  const topic = parseTopic(text);
  if (topic === undefined) return denied("unknown_topic");
  const own = ownTopic(principal, topic);
  if (!own.allowed) return own;
  return channels.has(topic.channel) ? ALLOWED : denied("wrong_channel");
}

function mayPublish(principal: BrokerPrincipal, topic: string, retain: boolean): AccessVerdict {
  const verdict = onChannels(principal, topic, principal.role === "hub" ? HUB_PUBLISHES : LOCK_PUBLISHES);
  if (!verdict.allowed || !retain) return verdict;
  const channel = parseTopic(topic)?.channel;
  return channel !== undefined && RETAINED.has(channel) ? ALLOWED : denied("retained");
}

function maySubscribe(principal: BrokerPrincipal, filter: string): AccessVerdict {
  if (principal.role === "hub") return HUB_FILTERS.includes(filter) ? ALLOWED : denied("filter");
  // A filter with a wildcard or a `$share` prefix is no topic of ours, so locks get exact topics only.
  return parseTopic(filter) === undefined ? denied("filter") : onChannels(principal, filter, LOCK_RECEIVES);
}

/**
 * The broker's rules (design §3): a lock publishes only its own `evt`, `tel`, `ask`, `gone` and hears only its own
 * `cmd`, `ack`, `ans`, `cfg` and its tenant's `deny`, by exact topics; a hub hears the fixed set and publishes `cmd`,
 * `ack`, `ans`, `cfg`, `deny`; only `cfg` and `deny` may be retained. Everything else is denied.
 */
export function may(principal: BrokerPrincipal, request: BrokerRequest): AccessVerdict {
  switch (request.action) {
    case "publish":
      return request.qos > QOS_MAX ? denied("quality") : mayPublish(principal, request.topic, request.retain);
    case "subscribe":
      return request.qos > QOS_MAX ? denied("quality") : maySubscribe(principal, request.topic);
    case "receive":
      return onChannels(principal, request.topic, principal.role === "hub" ? HUB_RECEIVES : LOCK_RECEIVES);
  }
}

/** Whether a connection may leave this will behind: only a lock's own `gone`, not retained. Hubs leave none. */
export function mayLeaveWill(
  principal: BrokerPrincipal,
  will: { readonly topic: string; readonly retain: boolean; readonly qos: number },
): AccessVerdict {
  const verdict = may(principal, { action: "publish", ...will });
  if (!verdict.allowed) return verdict;
  return principal.role === "lock" && parseTopic(will.topic)?.channel === "gone" ? ALLOWED : denied("wrong_channel");
}
