import { sign } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { claimProofText, toBase64url, type UnitClaim } from "@portner/schema/mqtt";
import { z } from "zod";
import { SimulatorError } from "../ground/fault.ts";
import { readSecretKey, type KeyPair } from "../firmware/keys.ts";
import { Commission } from "../firmware/record.ts";
import type { Random } from "../ground/random.ts";

/** Firmware version that the simulated locks report. */
export const FIRMWARE = "1.0.0-sim";
/** Pauses between tries while the hub can't be reached, in milliseconds. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5_000;
/** How long a hub may take to answer, in milliseconds. */
const ANSWER_MS_MAX = 15_000;
/** As the contract says: 128 bits. */
const NONCE_BYTES = 16;

const MUTATION = `mutation ($input: CommissionLockUnitInput!) {
  commissionLockUnit(input: $input) {
    __typename
    ... on CommissionLockUnitSuccess {
      tenant lock unit brokerUrl brokerSecret rootKey { kid key } telemetryKey
    }
    ... on UserError { code message }
  }
}`;

const Answer = z.object({
  data: z
    .object({
      commissionLockUnit: z.discriminatedUnion("__typename", [
        z.object({ __typename: z.literal("CommissionLockUnitSuccess"), ...Commission.shape }),
      ]),
    })
    .nullish(),
});
const Refusal = z.object({
  data: z.object({ commissionLockUnit: z.object({ __typename: z.string(), code: z.string(), message: z.string() }) }),
});
const Faults = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) });

/** Who is commissioned: a lock's papers, and the key pair that the unit has stored before it says a word. */
export interface CommissionInput {
  readonly serial: string;
  readonly claim: string;
  readonly model: string;
  readonly pair: KeyPair;
}

/** The claim with a proof by the unit's key. The hub answers no nonce twice, so every try has its own. */
function signedClaim({ serial, claim, model, pair }: CommissionInput, random: Random): UnitClaim & { proof: string } {
  const nonce = toBase64url(random.bytes(NONCE_BYTES));
  const said = { serial, claim, model, firmware: FIRMWARE, publicKey: pair.publicKey, nonce };
  const proof = sign(null, Buffer.from(claimProofText(said), "latin1"), readSecretKey(pair)).toString("base64url");
  return { ...said, proof };
}

/**
 * Commissions one unit at the hub's public API. Tries again while the hub is away; a new proof by the same key gives the
 * same unit, so a lost answer does no harm for as long as the hub leaves the claim open. Throws the hub's code when it
 * refuses.
 */
export async function commissionUnit(
  hubUrl: string,
  input: CommissionInput,
  { random, signal }: { readonly random: Random; readonly signal: AbortSignal },
): Promise<Commission> {
  for (let pauseMs = RETRY_MS_MIN; ; pauseMs = Math.min(RETRY_MS_MAX, pauseMs * 2)) {
    const reply = await post(hubUrl, signedClaim(input, random), signal);
    if (reply !== undefined) return readAnswer(reply);
    await wait(pauseMs, undefined, { signal });
  }
}

/** The reply's body, or `undefined` when the hub is away, starting or overloaded. */
async function post(hubUrl: string, input: UnitClaim, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(new URL("/graphql", hubUrl), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query: MUTATION, variables: { input } }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    if (response.status >= 500 || response.status === 429) {
      await response.body?.cancel();
      return undefined;
    }
    return await response.json();
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function readAnswer(reply: unknown): Commission {
  const answer = Answer.safeParse(reply);
  if (answer.success && answer.data.data) {
    const { __typename, ...commission } = answer.data.data.commissionLockUnit;
    return commission;
  }
  const refusal = Refusal.safeParse(reply);
  if (refusal.success) {
    const { code, message } = refusal.data.data.commissionLockUnit;
    throw new SimulatorError(code, message);
  }
  const faults = Faults.safeParse(reply);
  const message = faults.success
    ? faults.data.errors.map((fault) => fault.message).join("; ")
    : "not what was asked for";
  throw new SimulatorError("COMMISSION_FAILED", message);
}
