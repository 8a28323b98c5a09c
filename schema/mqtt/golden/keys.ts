import type { MessageType } from "../messages/index.ts";
import { EXAMPLE_IDS } from "./examples.ts";

/** Who holds a test key. `foreign` is a key nobody trusts. */
export const KEY_HOLDERS = ["root", "command", "permit", "unit", "smartkey", "foreign"] as const;
/** See {@link KEY_HOLDERS}. */
export type KeyHolder = (typeof KEY_HOLDERS)[number];

/** Key ids of the test keys. A unit's key and its telemetry secret bear the unit's id. */
export const KEY_IDS: Readonly<Record<KeyHolder | "telemetry", string>> = {
  root: "test-root-1",
  command: "test-command-1",
  permit: "test-permit-1",
  unit: EXAMPLE_IDS.unit,
  smartkey: "test-smartkey-1",
  foreign: "test-foreign-1",
  telemetry: EXAMPLE_IDS.unit,
};

/** Whose key signs each message type. */
export const SIGNERS: Readonly<Record<MessageType, KeyHolder | "telemetry">> = {
  cmd: "command",
  evt: "unit",
  ack: "command",
  tel: "telemetry",
  ask: "unit",
  ans: "command",
  cfg: "root",
  deny: "command",
  gone: "telemetry",
  permit: "permit",
};
