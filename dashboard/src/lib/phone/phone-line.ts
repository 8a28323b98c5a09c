import { readAnswer, textOf, UNREACHABLE, type Document, type GraphqlFailure, type Result } from "../graphql/index.ts";
import { requestProof } from "./device-key.ts";
import type { KeptPhone } from "./phone-store.ts";
import { messagesOf } from "./stream-messages.ts";

/** The hub beats every 10 s; a stream that is silent for this long is dead. */
const SILENT_MS = 15_000;
/** The hub answers within a second or two; in a cellar a request may never come back. */
const ANSWER_MS = 10_000;

/** What a phone's line needs of the browser. */
export interface PhoneLineDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly crypto: Crypto;
  /** The hub's time, in milliseconds: a phone's own clock may be off, and proofs carry the time. */
  readonly hubMs: () => number;
  /** Learns the hub's time anew; a phone that slept may have lost it. */
  readonly askTime: () => Promise<void>;
}

/** How a phone speaks to the hub: each request proven by the device's key. Cookies stay out of it. */
export class PhoneLine {
  readonly #deps: PhoneLineDeps;

  constructor(deps: PhoneLineDeps) {
    this.#deps = deps;
  }

  /** Sends a query or mutation; without `phone` as nobody. Never rejects, and answers within seconds. */
  async request<Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
    phone?: KeptPhone,
  ): Promise<Result<Data, GraphqlFailure>> {
    const body = JSON.stringify({ query: textOf(document), variables });
    const answer = await this.#ask<Data>(body, phone);
    if (answer.ok || answer.failure.code !== "PROOF_TIME") return answer;
    await this.#deps.askTime();
    return this.#ask<Data>(body, phone);
  }

  /**
   * Follows a stream and answers why it ended. `heard` is called at each sign of life. A stream that the hub ended
   * without a reason, that fell silent or whose line broke, has ended as `UNREACHABLE`.
   */
  async follow<Data>(
    document: Document<Data, object>,
    { phone, heard, signal }: { readonly phone: KeptPhone; readonly heard: () => void; readonly signal: AbortSignal },
  ): Promise<GraphqlFailure> {
    const silence = new AbortController();
    const either = AbortSignal.any([signal, silence.signal]);
    let timer = setTimeout(() => silence.abort(), SILENT_MS);
    try {
      const body = JSON.stringify({ query: textOf(document) });
      const response = await this.#send(body, { accept: "text/event-stream", phone, signal: either });
      if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true || response.body === null) {
        const answer = readAnswer<Data>(await response.json());
        return answer.ok ? UNREACHABLE : answer.failure;
      }
      heard();
      for await (const message of messagesOf(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT_MS);
        const answer = readAnswer<Data>(message);
        if (!answer.ok) return answer.failure;
        heard();
      }
    } catch {
      return UNREACHABLE;
    } finally {
      clearTimeout(timer);
    }
    return UNREACHABLE;
  }

  async #ask<Data>(body: string, phone: KeptPhone | undefined): Promise<Result<Data, GraphqlFailure>> {
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const response = await this.#send(body, { accept: "application/json", phone, signal });
      return readAnswer<Data>(await response.json());
    } catch {
      return { ok: false, failure: UNREACHABLE };
    }
  }

  async #send(
    body: string,
    { accept, phone, signal }: { readonly accept: string; readonly phone: KeptPhone | undefined; signal: AbortSignal },
  ): Promise<Response> {
    const headers = { "content-type": "application/json", accept, ...(await this.#proven(body, phone)) };
    return this.#deps.fetch("/graphql", { method: "POST", headers, body, credentials: "omit", signal });
  }

  async #proven(body: string, phone: KeptPhone | undefined): Promise<Record<string, string>> {
    if (phone === undefined) return {};
    const { crypto, hubMs } = this.#deps;
    const proof = await requestProof(crypto, phone.key, { token: phone.token, body, hubMs: hubMs() });
    return { authorization: `Bearer ${phone.token}`, "portner-proof": proof };
  }
}
