import { z } from "zod";
import { Boot, Challenge, Generation, Identifier, Instant, MessageVersion, Signature } from "../identifier.ts";

const common = {
  v: MessageVersion,
  unit: Identifier,
  boot: Boot,
  at: Instant.describe("Lock time; means nothing while the clock is untrusted."),
  challenge: Challenge.describe(
    "Fresh and random; the answer must carry it. Good for one answer or command, 10 s, dies at a restart.",
  ),
};

/**
 * `ask`: lock → hub, QoS 1, signed by the unit. `time`: what time is it? `credential`: this credential was shown at
 * the door, may it open? `command`: the lock's clock is untrusted; here is a challenge for the next command.
 */
export const AskMessage = z.discriminatedUnion("kind", [
  z.strictObject({ ...common, kind: z.literal("time") }),
  z.strictObject({ ...common, kind: z.literal("command") }),
  z.strictObject({
    ...common,
    kind: z.literal("credential"),
    cred: Identifier,
    gen: Generation,
    proof: Signature.describe("The credential's signature over `ask.<unit>.<challenge>` in ASCII."),
  }),
]);
/** See {@link AskMessage}. */
export type AskMessage = z.infer<typeof AskMessage>;

/** What a shown credential signs to prove that it is there: bound to the lock and to the challenge. */
export function askProofText(unit: string, challenge: string): string {
  return `ask.${unit}.${challenge}`;
}
