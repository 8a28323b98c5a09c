import { z } from "zod";
import { BoltPosition, DoorPosition, Facts, LatchPosition } from "../facts.ts";
import { Boot, Digest, Generation, Identifier, Instant, MessageVersion, Sequence } from "../identifier.ts";
import { REFUSED_COMMANDS_MAX } from "../limits.ts";
import { Operation } from "./cmd.ts";

/** Why a lock refused a message or a credential; a closed list, in the order of its checks. */
export const REFUSAL_REASONS = [
  "TOO_LARGE",
  "MALFORMED",
  "RETAINED",
  "WRONG_TYPE",
  "WRONG_UNIT",
  "WRONG_TENANT",
  "UNKNOWN_KEY",
  "BAD_SIGNATURE",
  "LIFE_TOO_LONG",
  "NOT_YET_VALID",
  "EXPIRED",
  "CLOCK_UNTRUSTED",
  "BAD_CHALLENGE",
  "DENIED",
  "REPEATED",
  "BELOW_FLOOR",
  "MEMORY_FULL",
  "NOT_GRANTED",
  "BAD_PROOF",
  "FLOODED",
] as const;
/** See {@link REFUSAL_REASONS}. */
export const RefusalReason = z.enum(REFUSAL_REASONS);
/** See {@link REFUSAL_REASONS}. */
export type RefusalReason = z.infer<typeof RefusalReason>;

/** What made the motor run or the bolt move. `hand`: turned from inside, or with a metal key. */
export const Cause = z.enum(["command", "permit", "relock", "hand", "unknown"]);
/** See {@link Cause}. */
export type Cause = z.infer<typeof Cause>;

const common = {
  v: MessageVersion,
  unit: Identifier,
  boot: Boot,
  seq: Sequence.describe("Number within the boot; the hub commits in this order and acknowledges cumulatively."),
  at: Instant.describe("Lock time when it happened."),
  clock: z.strictObject({
    trusted: z.boolean(),
    errorMs: z.int().min(0).max(86_400_000).describe("Bound of the clock's error when it happened, in milliseconds."),
  }),
};
const origin = {
  cause: Cause,
  cmd: Identifier.optional().describe("Command behind it, when the cause is a command."),
  permit: Identifier.optional().describe("Permit behind it, when the cause is a permit."),
};
const holding = z.strictObject({ version: z.int().min(0), digest: Digest });

/** `evt`: lock → hub, QoS 1, signed by the unit; kept in the lock's ring until acknowledged. */
export const EventMessage = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("restarted").describe("First event of every boot."),
    cause: z.enum(["commissioned", "power", "update", "watchdog"]),
    previous: z
      .strictObject({ boot: Boot, seq: z.int().min(0) })
      .nullable()
      .describe("Where the boot before ended, so that the hub knows whether it has all of it; null for the first."),
    facts: Facts,
  }),
  z.strictObject({
    ...common,
    kind: z.literal("reported").describe("The three facts, on request or when the lock measured anew."),
    cmd: Identifier.optional(),
    facts: Facts,
  }),
  z.strictObject({
    ...common,
    kind: z.literal("accepted").describe("A command passed every check and is stored; the motor has not run yet."),
    cmd: Identifier,
    op: Operation,
    cred: Identifier,
    gen: Generation,
  }),
  z.strictObject({
    ...common,
    kind: z.literal("moving").describe("The motor started."),
    ...origin,
    towards: z.enum(["withdrawn", "thrown"]),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("moved").describe("Bolt and latch stand here now."),
    ...origin,
    bolt: BoltPosition,
    latch: LatchPosition,
    durationMs: z.int().min(0).max(60_000),
    batteryLoadMillivolts: z.int().min(0).max(8_000).optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("jammed").describe("The motor gave up before the end of its way."),
    ...origin,
    towards: z.enum(["withdrawn", "thrown"]),
  }),
  z.strictObject({ ...common, kind: z.literal("door"), door: DoorPosition }),
  z.strictObject({
    ...common,
    kind: z.literal("entry").describe("A permit was accepted at the door without a hub; durable before the motor ran."),
    permit: Identifier,
    cred: Identifier,
    gen: Generation,
  }),
  z.strictObject({
    ...common,
    kind: z.literal("refused").describe("Refusals since the last such event, summed; never displaces another entry."),
    from: Instant,
    to: Instant,
    counts: z.partialRecord(RefusalReason, z.int().min(1).max(1_000_000_000)),
    commands: z
      .array(z.strictObject({ id: Identifier, reason: RefusalReason }))
      .max(REFUSED_COMMANDS_MAX)
      .describe("Authentic commands among them; a signature was verified, so the id is the hub's own."),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("holds").describe("Proof of what the lock has stored."),
    cfg: holding.nullable().describe("SHA-256 of the compact `cfg` document held; null before the first."),
    deny: holding.describe("Highest version merged, and the SHA-256 of the merged list's `denyDigestText`."),
  }),
  z.strictObject({
    ...common,
    kind: z
      .literal("lost")
      .describe("Events `from`..`seq` of this boot were overwritten before they were acknowledged."),
    from: Sequence,
  }),
  z.strictObject({ ...common, kind: z.literal("tamper"), what: z.enum(["cover", "force", "battery"]) }),
]);
/** See {@link EventMessage}. */
export type EventMessage = z.infer<typeof EventMessage>;

/** The kinds of events a lock sends. */
export type EventKind = EventMessage["kind"];
