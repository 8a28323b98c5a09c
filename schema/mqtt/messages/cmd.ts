import { z } from "zod";
import { Challenge, Generation, Identifier, Instant, MessageVersion } from "../identifier.ts";

/** What a hub can ask a lock to do. */
export const Operation = z
  .enum(["open", "lock", "test", "sync", "identify"])
  .describe(
    "open: withdraw bolt and latch, relock later. lock: throw the bolt. test: withdraw and throw, door may stay shut. sync: resend the ring and report the facts. identify: beep and blink.",
  );
/** See {@link Operation}. */
export type Operation = z.infer<typeof Operation>;

/** The fields that make a message a command; an allowing answer (`ans`) carries the same. */
export const commandFields = {
  id: Identifier.describe(
    "Command id. Derived by the hub from tenant, caller, idempotency key and lock; a lock obeys an id once.",
  ),
  tenant: Identifier.describe("Tenant of the lock."),
  unit: Identifier.describe("The one commissioning this is meant for; a swapped board is another unit and refuses."),
  op: Operation,
  cred: Identifier.describe("Credential on whose behalf the hub decided; the lock compares it with its deny list."),
  gen: Generation.describe("The credential's generation at the decision."),
  iat: Instant.describe("When the hub decided, hub time."),
  exp: Instant.describe("Not after: at most 10,000 ms after `iat`."),
  challenge: Challenge.optional().describe(
    "The lock's own challenge: needed when its clock is untrusted; good for one command.",
  ),
  rev: z.int().min(0).describe("Journal revision at which the hub decided, for the record."),
};

/** `cmd`: hub → lock, QoS 1, never retained, signed with the tenant's command key. */
export const CommandMessage = z.strictObject({ v: MessageVersion, ...commandFields });
/** See {@link CommandMessage}. */
export type CommandMessage = z.infer<typeof CommandMessage>;
