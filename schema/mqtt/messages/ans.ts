import { z } from "zod";
import { Challenge, Identifier, Instant, MessageVersion } from "../identifier.ts";
import { commandFields } from "./cmd.ts";

/**
 * `ans`: hub → lock, QoS 1, never retained, signed with the command key, bound to the ask's challenge, valid 10 s, once.
 * `allow` is a command in every respect: the lock checks, stores and obeys it as it does a `cmd`.
 */
export const AnswerMessage = z.discriminatedUnion("kind", [
  z.strictObject({
    v: MessageVersion,
    kind: z.literal("time"),
    tenant: Identifier,
    unit: Identifier,
    challenge: Challenge,
    now: Instant.describe("Hub time when the answer was signed."),
  }),
  z.strictObject({
    v: MessageVersion,
    kind: z.literal("deny"),
    tenant: Identifier,
    unit: Identifier,
    challenge: Challenge,
    exp: Instant,
  }),
  z.strictObject({ v: MessageVersion, kind: z.literal("allow"), ...commandFields, challenge: Challenge }),
]);
/** See {@link AnswerMessage}. */
export type AnswerMessage = z.infer<typeof AnswerMessage>;
