import { GraphQLError, type ExecutionResult } from "graphql";
import type { Transport } from "../caller.ts";
import type { Allowance } from "./allowance.ts";
import type { CostReport, TurnedAway } from "./admission.ts";

/** Tells whoever is turned away which limit it was, and when to come again. */
export function turnedAwayError({ limit, waitMs, report }: TurnedAway, transport: Transport): GraphQLError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const headers = { ...(report !== undefined && headersOf(report)), "retry-after": String(seconds) };
  const extensions = {
    code: "RATE_LIMITED",
    limit,
    retryAfterMs: waitMs,
    ...(transport.kind === "http" && { http: { status: 429, headers } }),
  };
  return new GraphQLError(`too much was asked (${limit}); try again in ${seconds} s`, { extensions });
}

/** {@link turnedAwayError}, as the answer to an operation. */
export function turnedAwayAnswer(away: TurnedAway, transport: Transport): ExecutionResult {
  const { report } = away;
  const errors = [turnedAwayError(away, transport)];
  return { errors, ...(report !== undefined && { extensions: { cost: costOf(report) } }) };
}

/** The answer to an operation whose caller's right to be here ended before anything of it was executed. */
export function endedAnswer(transport: Transport): ExecutionResult {
  const http = { status: 401, headers: { "www-authenticate": "Bearer" } };
  const extensions = { code: "SESSION_EXPIRED", ...(transport.kind === "http" && { http }) };
  return { errors: [new GraphQLError("this session or token has ended; sign in again", { extensions })] };
}

/** Adds to an answer what it cost, and what is left. */
export function withCost(result: ExecutionResult, report: CostReport, transport: Transport): ExecutionResult {
  const http = transport.kind === "http" ? { http: { headers: headersOf(report) } } : {};
  result.extensions = { ...result.extensions, cost: costOf(report), ...http };
  return result;
}

function costOf({ requested, available, allowance }: CostReport) {
  return { requested, available, restoreRate: allowance.restorePerSecond };
}

// As the draft of the IETF's HTTPAPI group has them: what there is in how many seconds, what is left, when it is full.
function headersOf({ available, allowance }: CostReport): Record<string, string> {
  const { capacity, restorePerSecond } = allowance;
  const fullInS = Math.ceil((capacity - available) / restorePerSecond);
  return { ratelimit: `"cost";r=${available};t=${fullInS}`, "ratelimit-policy": policyOf(allowance) };
}

function policyOf({ capacity, restorePerSecond }: Allowance): string {
  return `"cost";q=${capacity};w=${Math.ceil(capacity / restorePerSecond)}`;
}
