import { IDENTIFIER_PATTERN } from "./identifier.ts";

/** First level of every topic, and the version of the topic tree. */
export const TOPIC_ROOT = "portner/1";

/** Channels from a hub to one lock. */
export const HUB_CHANNELS = ["cmd", "ack", "ans", "cfg"] as const;

/** Channels from one lock to every hub. */
export const LOCK_CHANNELS = ["evt", "tel", "ask", "gone"] as const;

/** A channel of one lock. */
export type LockChannel = (typeof HUB_CHANNELS)[number] | (typeof LOCK_CHANNELS)[number];

/** Where a message goes: a channel of one lock, or the deny document of a whole tenant. */
export type Topic =
  | { readonly tenant: string; readonly lock: string; readonly channel: LockChannel }
  | { readonly tenant: string; readonly channel: "deny" };

const LOCK_CHANNEL_NAMES: ReadonlyMap<string, LockChannel> = new Map(
  [...HUB_CHANNELS, ...LOCK_CHANNELS].map((channel) => [channel, channel]),
);

/** The topic as text, for example `portner/1/<tenant>/<lock>/cmd` or `portner/1/<tenant>/deny`. */
export function topicText(topic: Topic): string {
  return topic.channel === "deny"
    ? `${TOPIC_ROOT}/${topic.tenant}/deny`
    : `${TOPIC_ROOT}/${topic.tenant}/${topic.lock}/${topic.channel}`;
}

/** Reads a concrete topic; `undefined` for everything that is not exactly one of ours (wildcards included). */
export function parseTopic(text: string): Topic | undefined {
  const [root, version, tenant, third, fourth, ...rest] = text.split("/");
  if (`${root}/${version}` !== TOPIC_ROOT || rest.length > 0) return undefined;
  if (tenant === undefined || third === undefined || !IDENTIFIER_PATTERN.test(tenant)) return undefined;
  if (fourth === undefined) return third === "deny" ? { tenant, channel: "deny" } : undefined;
  const channel = LOCK_CHANNEL_NAMES.get(fourth);
  if (channel === undefined || !IDENTIFIER_PATTERN.test(third)) return undefined;
  return { tenant, lock: third, channel };
}

/** The filter under which a hub hears one channel of all locks of all tenants. */
export function channelFilter(channel: LockChannel): string {
  return `${TOPIC_ROOT}/+/+/${channel}`;
}

/** The filter under which a hub reads back every tenant's deny document. */
export const DENY_FILTER = `${TOPIC_ROOT}/+/deny`;
