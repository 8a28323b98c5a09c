import type { EventMessage } from "../messages/evt.ts";
import type { MessageByType, MessageType } from "../messages/index.ts";

/** A message of every type and kind, as an example and as the source of the signed vectors. */
export type Example = {
  readonly [Type in MessageType]: { readonly name: string; readonly type: Type; readonly message: MessageByType[Type] };
}[MessageType];

/** The instant of the examples: 2026-11-22 10:00 UTC. */
export const EXAMPLE_INSTANT = 1_795_341_600_000;

/** Identifiers of the examples. */
export const EXAMPLE_IDS = {
  tenant: "fjordby-test",
  lock: "3f0c2f4e-9f1b-4a53-8c53-0d6a7d2e1b90",
  unit: "a6b1b9a0-5d1e-4b0f-9b1c-6a4f0f7d2c11",
  command: "b7c33d8f-0c5a-4f6e-8d2a-1e9f3a5b7c01",
  credential: "c0ffee00-1234-4abc-8def-001122334455",
  permit: "d1a2b3c4-5e6f-4071-8293-a4b5c6d7e8f9",
  bundle: "bundle-oest",
  path: "path-0000001",
  challenge: "AAECAwQFBgcICQoLDA0ODw",
} as const;

const { tenant, lock, unit, command, credential, permit, bundle, path, challenge } = EXAMPLE_IDS;
const at = EXAMPLE_INSTANT;
const digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;

const commandBody = {
  id: command,
  tenant,
  unit,
  op: "open",
  cred: credential,
  gen: 3,
  iat: at,
  exp: at + 10_000,
  rev: 41_277,
} as const;

const commands: readonly Example[] = [
  ...(["open", "lock", "test", "sync", "identify"] as const).map((op): Example => {
    return { name: `cmd ${op}`, type: "cmd", message: { v: 1, ...commandBody, op } };
  }),
  { name: "cmd open with the lock's challenge", type: "cmd", message: { v: 1, ...commandBody, challenge } },
];

const inEvent = { v: 1, unit, boot: 7, at, clock: { trusted: true, errorMs: 12 } } as const;
const byCommand = { cause: "command", cmd: command } as const;
const events: readonly EventMessage[] = [
  { ...inEvent, seq: 1, kind: "restarted", cause: "power", previous: { boot: 6, seq: 918 }, facts },
  { ...inEvent, boot: 1, seq: 1, kind: "restarted", cause: "commissioned", previous: null, facts },
  { ...inEvent, seq: 2, kind: "reported", cmd: command, facts },
  { ...inEvent, seq: 3, kind: "accepted", cmd: command, op: "open", cred: credential, gen: 3 },
  { ...inEvent, seq: 4, kind: "moving", ...byCommand, towards: "withdrawn" },
  {
    ...inEvent,
    seq: 5,
    kind: "moved",
    ...byCommand,
    bolt: "withdrawn",
    latch: "retracted",
    durationMs: 1_840,
    batteryLoadMillivolts: 5_310,
  },
  { ...inEvent, seq: 6, kind: "moved", cause: "hand", bolt: "thrown", latch: "extended", durationMs: 0 },
  { ...inEvent, seq: 7, kind: "jammed", cause: "permit", permit, towards: "withdrawn" },
  { ...inEvent, seq: 8, kind: "door", door: "open" },
  { ...inEvent, seq: 9, kind: "entry", permit, cred: credential, gen: 3 },
  {
    ...inEvent,
    seq: 10,
    kind: "refused",
    from: at - 60_000,
    to: at,
    counts: { EXPIRED: 2, REPEATED: 1, FLOODED: 40 },
    commands: [{ id: command, reason: "EXPIRED" }],
  },
  { ...inEvent, seq: 11, kind: "holds", cfg: { version: 4, digest }, deny: { version: 41_200, digest } },
  { ...inEvent, seq: 12, kind: "holds", cfg: null, deny: { version: 0, digest } },
  { ...inEvent, seq: 13, kind: "lost", from: 2 },
  {
    ...inEvent,
    clock: { trusted: false, errorMs: 86_400_000 },
    seq: 9_007_199_254_740_991,
    kind: "tamper",
    what: "cover",
  },
];

const inAsk = { v: 1, unit, boot: 7, at, challenge } as const;
const inAnswer = { v: 1, tenant, unit, challenge } as const;

/** The examples of everything but the ask that carries a proof, which has to be signed first. */
export const EXAMPLES: readonly Example[] = [
  ...commands,
  ...events.map((message): Example => ({
    name: `evt ${message.kind} ${message.boot}.${message.seq}`,
    type: "evt",
    message,
  })),
  { name: "ack", type: "ack", message: { v: 1, tenant, unit, boot: 7, seq: 13, iat: at } },
  { name: "ack of nothing yet", type: "ack", message: { v: 1, tenant, unit, boot: 7, seq: 0, iat: at } },
  {
    name: "tel",
    type: "tel",
    message: {
      v: 1,
      unit,
      boot: 7,
      at,
      seq: 13,
      intervalMs: 30_000,
      batteryIdleMillivolts: 5_920,
      batteryLoadMillivolts: 5_310,
      temperatureCelsius: -4,
      rssiDbm: -71,
      clockErrorMs: 12,
      clockTrusted: true,
      firmware: "1.4.2+fjord",
      facts: { bolt: "unknown", latch: "unknown", door: "unknown" },
    },
  },
  { name: "ask time", type: "ask", message: { ...inAsk, kind: "time" } },
  { name: "ask command", type: "ask", message: { ...inAsk, kind: "command" } },
  { name: "ans time", type: "ans", message: { ...inAnswer, kind: "time", now: at } },
  { name: "ans deny", type: "ans", message: { ...inAnswer, kind: "deny", exp: at + 10_000 } },
  { name: "ans allow", type: "ans", message: { v: 1, kind: "allow", ...commandBody, challenge } },
  { name: "deny of nobody", type: "deny", message: { v: 1, tenant, version: 0, iat: at, entries: [] } },
  {
    name: "deny",
    type: "deny",
    message: {
      v: 1,
      tenant,
      version: 41_200,
      iat: at,
      entries: [
        { cred: credential, gen: 2, until: at + 259_200_000 },
        { cred: "00000000-cred", gen: 2_147_483_647, until: 4_102_444_800_000 },
      ],
    },
  },
  { name: "gone", type: "gone", message: { v: 1, unit, boot: 7 } },
];

/** What the configuration example says, but for the keys. */
export const EXAMPLE_CONFIG = {
  v: 1,
  tenant,
  lock,
  unit,
  version: 4,
  iat: at,
  bundles: [bundle],
  paths: [path],
  messageVersions: [1],
  heartbeatMs: 30_000,
  jitterMs: 5_000,
  relockAfterCloseMs: 10_000,
  relockUnusedMs: 60_000,
} as const;

/** What the permit example says, but for the smartkey's public key. */
export const EXAMPLE_PERMIT = {
  v: 1,
  id: permit,
  tenant,
  cred: credential,
  gen: 3,
  grants: [
    { bundle, from: at, to: at + 28_800_000 },
    { path, from: at, to: at + 3_600_000 },
  ],
  iat: at,
  exp: at + 28_800_000,
} as const;
