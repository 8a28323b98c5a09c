import type { MessageType } from "../messages/index.ts";

/** How one channel of the lock link is used. */
export interface ChannelUse {
  readonly type: Exclude<MessageType, "permit">;
  readonly title: string;
  /** What the lock does with it. */
  readonly action: "send" | "receive";
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Who signs, with which key. */
  readonly signedBy: string;
  readonly summary: string;
}

/** The channels in the order of a lock's life: configuration, denials, time, commands, events, heartbeat. */
export const CHANNEL_USES: readonly ChannelUse[] = [
  {
    type: "cfg",
    title: "Configuration",
    action: "receive",
    qos: 1,
    retain: true,
    signedBy: "the tenant's root key",
    summary: "Bundles, trusted keys by purpose, timing. The version never falls.",
  },
  {
    type: "deny",
    title: "Denied credentials",
    action: "receive",
    qos: 1,
    retain: true,
    signedBy: "the tenant's command key",
    summary: "Merged with what the lock has, stored, then proven by the event `holds`.",
  },
  {
    type: "ask",
    title: "Question",
    action: "send",
    qos: 1,
    retain: false,
    signedBy: "the unit's key",
    summary: "The time, a challenge for the next command, or a credential shown at the door.",
  },
  {
    type: "ans",
    title: "Answer",
    action: "receive",
    qos: 1,
    retain: false,
    signedBy: "the tenant's command key",
    summary: "Bound to the challenge, 10 s, once. An allowing answer is a command in every respect.",
  },
  {
    type: "cmd",
    title: "Command",
    action: "receive",
    qos: 1,
    retain: false,
    signedBy: "the tenant's command key",
    summary: "Never retained: a lock refuses a retained one. Obeyed once, within 10 s of the decision.",
  },
  {
    type: "evt",
    title: "Event",
    action: "send",
    qos: 1,
    retain: false,
    signedBy: "the unit's key",
    summary: "Kept in the ring until acknowledged, resent until then, in order.",
  },
  {
    type: "ack",
    title: "Acknowledgement",
    action: "receive",
    qos: 1,
    retain: false,
    signedBy: "the tenant's command key",
    summary: "Cumulative, only after the events are durable at the hub.",
  },
  {
    type: "tel",
    title: "Heartbeat and telemetry",
    action: "send",
    qos: 0,
    retain: false,
    signedBy: "MAC with the unit's telemetry secret",
    summary: "May be lost. Its facts are hints.",
  },
  {
    type: "gone",
    title: "Will",
    action: "send",
    qos: 1,
    retain: false,
    signedBy: "MAC with the unit's telemetry secret",
    summary: "Published by the broker when the connection breaks. A hint; presence is the heartbeat.",
  },
];
