import { print, type DocumentNode } from "@0no-co/graphql.web";
import type { DocumentDecoration, TadaDocumentNode } from "gql.tada";
import { failureOf, UNREACHABLE, type GraphqlFailure } from "./failure.ts";
import type { Result } from "./result.ts";

/** A query or mutation, with the types of its answer and its variables. */
export type Document<Data, Variables> = TadaDocumentNode<Data, Variables> & DocumentDecoration<Data, Variables>;

/** What a request may be given along. */
export interface RequestOptions {
  /** Gives up when the caller does; whoever brings one has a limit of their own. */
  readonly signal?: AbortSignal;
  /** How long an answer is waited for, in milliseconds; without a signal `REQUEST_MS_MAX`. */
  readonly limitMs?: number;
}

/** The hub gives up an operation after 20 s and says so; what is silent for longer is a line that swallows packets. */
export const REQUEST_MS_MAX = 25_000;

/** `fetch`, or whatever a `load` function is given in its place. */
export type Fetch = typeof globalThis.fetch;

/** Text of a document as it is sent. */
export function textOf({ kind, definitions }: Pick<DocumentNode, "kind" | "definitions">): string {
  return print({ kind, definitions });
}

/**
 * Sends a query or mutation with the session's cookie. Nobody reached, or not within the limit: `UNREACHABLE`. Never
 * rejects, except with an abort that the caller asked for.
 */
export async function request<Data, Variables>(
  fetch: Fetch,
  document: Document<Data, Variables>,
  variables: Variables,
  { signal, limitMs = signal === undefined ? REQUEST_MS_MAX : undefined }: RequestOptions = {},
): Promise<Result<Data, GraphqlFailure>> {
  const patience = new AbortController();
  const limit = limitMs === undefined ? undefined : setTimeout(() => patience.abort(), limitMs);
  let answer: unknown;
  try {
    // Over HTTP a page of our own proves itself by the `Origin` that browsers add to every POST.
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ query: textOf(document), variables }),
      credentials: "same-origin",
      signal: signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]),
    });
    answer = await response.json();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { ok: false, failure: UNREACHABLE };
  } finally {
    clearTimeout(limit);
  }
  return readAnswer<Data>(answer);
}

/** Reads the envelope of an answer. The first error stands for all. */
export function readAnswer<Data>(answer: unknown): Result<Data, GraphqlFailure> {
  if (!isAnswer<Data>(answer))
    return { ok: false, failure: failureOf("BROKEN_ANSWER", "the hub's answer made no sense") };
  const [error] = answer.errors ?? [];
  if (error !== undefined) {
    return { ok: false, failure: failureOf(error.extensions?.code ?? "INTERNAL", error.message) };
  }
  if (answer.data === undefined || answer.data === null) {
    return { ok: false, failure: failureOf("BROKEN_ANSWER", "the hub answered nothing") };
  }
  return { ok: true, value: answer.data };
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

// The schema that the hub executes is the one that the document's types came from, so only the envelope is looked at.
function isAnswer<Data>(answer: unknown): answer is Answer<Data> {
  return typeof answer === "object" && answer !== null && ("data" in answer || "errors" in answer);
}
