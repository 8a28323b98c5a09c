import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PlainAnswer } from "./plain-answer.ts";

/** Answers are personal and change by the second; no browser may guess another type. */
const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** A request that is refused before GraphQL sees it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Beside the code. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Refuses in the shape of a GraphQL answer, and closes the connection where its body was not read to the end. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const modern = request.headers.accept?.includes("application/graphql-response+json") ?? false;
  const body = JSON.stringify({
    errors: [{ message: refusal.message, extensions: { code: refusal.code, ...refusal.extensions } }],
  });
  response.writeHead(refusal.status, {
    ...HEADERS,
    ...refusal.headers,
    ...(request.complete ? {} : { connection: "close" }),
    "content-type": `application/${modern ? "graphql-response+json" : "json"}; charset=utf-8`,
  });
  response.end(body);
}

/** Sends a whole answer in one write. */
export function sendPlain(response: ServerResponse, answer: PlainAnswer, cookies: readonly string[]): void {
  const length = { "content-length": String(Buffer.byteLength(answer.body)) };
  const setCookie = cookies.length > 0 ? { "set-cookie": [...cookies] } : {};
  response.writeHead(answer.status, { ...answer.headers, ...HEADERS, ...length, ...setCookie });
  response.end(answer.body);
}

/** Sends an answer on, at the reader's own pace. */
export async function send(response: ServerResponse, answer: Response, cookies: readonly string[]): Promise<void> {
  const headers: Record<string, string | string[]> = { ...Object.fromEntries(answer.headers), ...HEADERS };
  if (cookies.length > 0) headers["set-cookie"] = [...cookies];
  response.writeHead(answer.status, headers);
  response.flushHeaders();
  if (answer.body !== null) await pump(response, answer.body);
  response.end();
}

async function pump(response: ServerResponse, body: ReadableStream<Uint8Array>): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  for await (const chunk of body) {
    if (gone.signal.aborted) return;
    if (response.write(chunk)) continue;
    await once(response, "drain", { signal: gone.signal }).catch(() => undefined);
  }
}
