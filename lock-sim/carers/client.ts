import type { KeyObject } from "node:crypto";
import { z } from "zod";
import type { WallClock } from "./clock.ts";
import { requestProof } from "./device-key.ts";
import type { Operation } from "./operations.ts";

/** Who asks: nobody yet, somebody signed in on a dashboard, or a phone that also proves its key. */
export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "dashboard"; readonly token: string }
  | { readonly kind: "phone"; readonly token: string; readonly key: KeyObject };

/** An answer, or why there is none. `isAway`: nothing is known about what the hub did, the same request may be sent again. */
export type Reply<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly code: string; readonly isAway: boolean; readonly retryAfterMs: number };

/** How long a phone waits for an answer that the hub itself does not hold back, in milliseconds. */
const ANSWER_MS_MAX = 10_000;

/** Largest answer a phone reads, in characters: a page of 200 paths has about 60,000. */
const ANSWER_CHARACTERS_MAX = 4_194_304;

const Envelope = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string().optional() }).optional() })).optional(),
});

function noAnswer(code: string, isAway: boolean, retryAfterMs = 0): Reply<never> {
  return { ok: false, code, isAway, retryAfterMs };
}

function askedPauseMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3_600) * 1_000 : 0;
}

/** The public GraphQL API over HTTP, as a phone speaks it. Nothing here throws. */
export class HubClient {
  readonly #url: string;
  readonly #clock: WallClock;
  readonly #signal: AbortSignal;

  /** `signal` ends every request under way. */
  constructor(deps: { readonly url: string; readonly clock: WallClock; readonly signal: AbortSignal }) {
    this.#url = deps.url;
    this.#clock = deps.clock;
    this.#signal = deps.signal;
  }

  /** Sends one operation. `heldMs`: how long the hub may hold the answer back on purpose. */
  async send<Answer>(
    operation: Operation<Answer>,
    variables: object,
    credentials: Credentials,
    heldMs = 0,
  ): Promise<Reply<Answer>> {
    const body = Buffer.from(JSON.stringify({ query: operation.document, variables }));
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_MS_MAX + heldMs)]);
    try {
      const headers = this.#headers(credentials, body);
      const response = await fetch(this.#url, { method: "POST", headers, body, signal, redirect: "error" });
      return readReply(operation, response, await response.text());
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === "TimeoutError";
      return noAnswer(isLate ? "NO_ANSWER" : "UNREACHABLE", true);
    }
  }

  #headers(credentials: Credentials, body: Uint8Array): Record<string, string> {
    const common = {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
    };
    if (credentials.kind === "none") return common;
    if (credentials.kind === "dashboard") return { ...common, ...asBrowser(this.#url, credentials.token) };
    const { token, key } = credentials;
    const proof = requestProof(key, { token, body, now: this.#clock.now() });
    return { ...common, authorization: `Bearer ${token}`, "portner-proof": proof };
  }
}

/** A dashboard's session counts only as the cookie of a page of the hub's own. */
function asBrowser(url: string, token: string): Record<string, string> {
  const { origin, protocol } = new URL(url);
  return { cookie: `${protocol === "https:" ? "__Host-portner" : "portner"}=${token}`, origin };
}

function readReply<Answer>(operation: Operation<Answer>, response: Response, text: string): Reply<Answer> {
  const isAway = response.status >= 500;
  if (response.status === 429) return noAnswer("RATE_LIMITED", true, askedPauseMs(response));
  if (text.length > ANSWER_CHARACTERS_MAX) return noAnswer("ANSWER_TOO_LARGE", false);
  const envelope = Envelope.safeParse(parseJson(text));
  if (!envelope.success) return noAnswer(`HTTP_${response.status}`, isAway);
  const [error] = envelope.data.errors ?? [];
  if (error !== undefined) {
    const code = error.extensions?.code ?? `HTTP_${response.status}`;
    return noAnswer(code, isAway || code === "JOURNAL_UNAVAILABLE", askedPauseMs(response));
  }
  const answer = operation.answer.safeParse(envelope.data.data);
  return answer.success ? { ok: true, answer: answer.data } : noAnswer("UNEXPECTED_ANSWER", false);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
