import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { SimulatorError } from "../ground/fault.ts";
import { Commission } from "../firmware/record.ts";

/** Firmware version that the simulated locks report. */
export const FIRMWARE = "1.0.0-sim";
/** Pauses between tries while the hub can't be reached, in milliseconds. */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 5_000;
/** How long a hub may take to answer, in milliseconds. */
const ANSWER_MS_MAX = 15_000;

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

/** What a unit says of itself when it is commissioned. `publicKey`: raw Ed25519, base64url. */
export interface CommissionInput {
  readonly serial: string;
  readonly claim: string;
  readonly model: string;
  readonly publicKey: string;
}

/**
 * Commissions one unit at the hub's public API. Tries again while the hub is away; the same claim with the same key
 * gives the same unit, so a lost answer does no harm. Throws the hub's code when it refuses.
 */
export async function commissionUnit(hubUrl: string, input: CommissionInput, signal: AbortSignal): Promise<Commission> {
  for (let pauseMs = RETRY_MS_MIN; ; pauseMs = Math.min(RETRY_MS_MAX, pauseMs * 2)) {
    const reply = await post(hubUrl, input, signal);
    if (reply !== undefined) return readAnswer(reply);
    await wait(pauseMs, undefined, { signal });
  }
}

/** The reply's body, or `undefined` when the hub is away, starting or overloaded. */
async function post(hubUrl: string, input: CommissionInput, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(new URL("/graphql", hubUrl), {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query: MUTATION, variables: { input: { ...input, firmware: FIRMWARE } } }),
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
