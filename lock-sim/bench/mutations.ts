import { headerText, toBase64url, type CommandMessage } from "@portner/schema/mqtt";
import { fraction, type Random } from "../ground/random.ts";
import { BENCH_NAMES } from "./bench.ts";
import { BenchHub, makeHubKey, type HubKey } from "./hub.ts";
import type { HeardChannel } from "../firmware/lock.ts";

/** A message that must not move the motor. */
export interface Hostile {
  readonly kind: string;
  readonly bytes: Uint8Array;
  readonly channel?: HeardChannel;
  readonly retained?: boolean;
}

/** What an attacker has at this moment: valid commands on their way, obeyed ones, old keys, other tenants' keys. */
export interface Loot {
  readonly random: Random;
  readonly hub: BenchHub;
  /** Hub time. */
  readonly now: number;
  /** A command that would open if it arrived whole. */
  readonly fresh: { readonly order: CommandMessage; readonly bytes: Uint8Array };
  /** Commands that were obeyed. */
  readonly obeyed: readonly Uint8Array[];
  readonly retiredKey: HubKey;
  readonly strangers: BenchHub;
  readonly deniedCredential: string;
}

/** Makes somebody else's hub with keys of the same names. */
export function makeStrangers(): BenchHub {
  return new BenchHub({ tenant: "tenant-two", lock: "lock-two-2", unit: "unit-two-2" }, makeHubKey("command-key-1"));
}

function below(random: Random, end: number): number {
  return Math.floor(fraction(random) * end);
}

function pick<One>(random: Random, from: readonly [One, ...One[]]): One {
  return from[below(random, from.length)] ?? from[0];
}

/** Flips one bit within `start`..`end` of a copy. */
function flipped(random: Random, bytes: Uint8Array, [start, end]: readonly [number, number]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = start + below(random, end - start);
  copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
  return copy;
}

function parts({ fresh }: Loot): { readonly text: string; readonly first: number; readonly second: number } {
  const text = Buffer.from(fresh.bytes).toString("latin1");
  return { text, first: text.indexOf("."), second: text.lastIndexOf(".") };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function signed(loot: Loot, change: Partial<CommandMessage>, by: HubKey = loot.hub.command): Uint8Array {
  return loot.hub.sign("cmd", loot.hub.order(loot.now, change), by);
}

/** A payload that says the same twice or in another way, under the fresh command's own signature. */
function respelled(loot: Loot): Uint8Array {
  const json = JSON.stringify(loot.fresh.order);
  const spelling = pick(loot.random, [
    json.replace("{", '{"op":"lock",'),
    json.replaceAll(",", ", "),
    json.replace('"op":"open"', '"op":"\\u006fpen"'),
    json.replace("}", ',"extra":1}'),
    `${json} `,
  ]);
  const [, , signature = ""] = parts(loot).text.split(".");
  return bytesOf(
    `${toBase64url(bytesOf(headerText("cmd", "command-key-1")))}.${toBase64url(bytesOf(spelling))}.${signature}`,
  );
}

/** The signature of one command on the body of another. */
function spliced(loot: Loot): Uint8Array {
  const [head = "", , signature = ""] = parts(loot).text.split(".");
  const [, body = ""] = Buffer.from(signed(loot, {})).toString("latin1").split(".");
  return bytesOf(`${head}.${body}.${signature}`);
}

type Mutation = (loot: Loot) => Hostile;

/** Ways to spoil a valid command without a key. */
const SPOILT: readonly [Mutation, ...Mutation[]] = [
  ({ random, fresh }) => ({ kind: "truncated", bytes: fresh.bytes.subarray(0, below(random, fresh.bytes.length)) }),
  (loot) => ({ kind: "bit in header", bytes: flipped(loot.random, loot.fresh.bytes, [0, parts(loot).first]) }),
  (loot) => {
    const { first, second } = parts(loot);
    return { kind: "bit in payload", bytes: flipped(loot.random, loot.fresh.bytes, [first, second]) };
  },
  (loot) => {
    const { text, second } = parts(loot);
    return { kind: "bit in signature", bytes: flipped(loot.random, loot.fresh.bytes, [second, text.length]) };
  },
  ({ random, fresh }) => ({
    kind: "lengthened",
    bytes: Buffer.concat([fresh.bytes, random.bytes(1 + below(random, 9))]),
  }),
  ({ random }) => ({ kind: "noise", bytes: random.bytes(below(random, fraction(random) < 0.05 ? 5_000 : 400)) }),
  (loot) => ({ kind: "respelled", bytes: respelled(loot) }),
];

/** Commands that somebody signed, and that must not open all the same. */
const FORGED: readonly [Mutation, ...Mutation[]] = [
  (loot) => ({ kind: "spliced", bytes: spliced(loot) }),
  (loot) => ({ kind: "foreign signed", bytes: signed(loot, {}, loot.strangers.command) }),
  (loot) => ({
    kind: "signed by another purpose",
    bytes: signed(loot, {}, pick(loot.random, [loot.hub.permit, loot.hub.root])),
  }),
  (loot) => ({ kind: "signed by a retired key", bytes: signed(loot, {}, loot.retiredKey) }),
  (loot) => ({ kind: "for another lock", bytes: signed(loot, { unit: "unit-two-2" }) }),
  (loot) => ({ kind: "for another tenant", bytes: signed(loot, { tenant: "tenant-two" }) }),
  (loot) => ({ kind: "another tenant's", bytes: loot.strangers.cmd(loot.now) }),
  (loot) => ({ kind: "another tenant's, for this lock", bytes: loot.strangers.cmd(loot.now, BENCH_ADDRESS) }),
  (loot) => ({ kind: "expired", bytes: loot.hub.cmd(loot.now - 15_020 - below(loot.random, 10_000_000)) }),
  (loot) => ({ kind: "from the future", bytes: loot.hub.cmd(loot.now + 5_020 + below(loot.random, 10_000_000)) }),
  (loot) => ({
    kind: "too long alive",
    bytes: signed(loot, { exp: loot.now + 10_001 + below(loot.random, 1_000_000) }),
  }),
  ({ fresh }) => ({ kind: "retained", bytes: fresh.bytes, retained: true }),
  ({ random, obeyed }) => ({ kind: "replayed", bytes: obeyed[below(random, obeyed.length)] ?? new Uint8Array() }),
  (loot) => ({
    kind: "with a made-up challenge",
    bytes: signed(loot, { challenge: toBase64url(loot.random.bytes(16)) }),
  }),
  (loot) => ({
    kind: "of a denied generation",
    bytes: signed(loot, { cred: loot.deniedCredential, gen: 1 + below(loot.random, 5) }),
  }),
  ({ random, fresh }) => ({
    kind: "on another channel",
    bytes: fresh.bytes,
    channel: pick(random, ["ack", "ans", "cfg", "deny"] as const),
  }),
  (loot) => ({
    kind: "an answer nobody asked for",
    channel: "ans",
    bytes: loot.hub.allow(toBase64url(loot.random.bytes(16)), loot.now),
  }),
];

const BENCH_ADDRESS = { tenant: BENCH_NAMES.tenant, unit: BENCH_NAMES.unit };

/** Share of messages that are spoilt; the others cost a signature to make. */
const SPOILT_SHARE = 0.8;

/** How many kinds of hostile messages there are. */
export const HOSTILE_KINDS = SPOILT.length + FORGED.length;

/** The next hostile message. */
export function nextHostile(loot: Loot): Hostile {
  return pick(loot.random, fraction(loot.random) < SPOILT_SHARE ? SPOILT : FORGED)(loot);
}
