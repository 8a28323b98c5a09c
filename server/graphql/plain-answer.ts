import { isAsyncIterable, processRegularResult, type GraphQLParams } from "graphql-yoga";
import { InvariantError } from "../kernel/errors.ts";
import { isRecord } from "../kernel/record.ts";
import type { Engine, ServerContext } from "./engine.ts";

/** What a plain answer looks like on the wire. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The parameters of a request whose answer is one document, and the type to answer in. */
export interface PlainRequest {
  readonly params: GraphQLParams;
  readonly mediaType: string;
}

/** Who asks for one of these gets JSON; whoever asks for a mixture or a stream is left to yoga. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ["*/*", "application/json"],
  ["application/json", "application/json"],
  ["application/graphql-response+json", "application/graphql-response+json"],
]);

/**
 * Reads a posted body as a plain request: a query with or without variables and a name, to be answered in JSON. Absent
 * for anything else, sound or not; yoga answers that, or says what is wrong with it.
 */
export function plainRequest(accept: string, body: Buffer): PlainRequest | undefined {
  const mediaType = MEDIA_TYPES.get(accept);
  const posted = mediaType === undefined ? undefined : parsed(body);
  if (mediaType === undefined || !isRecord(posted)) return undefined;
  const { query, variables, operationName, ...others } = posted;
  if (typeof query !== "string" || Object.keys(others).length > 0) return undefined;
  const params: GraphQLParams = { query };
  if (isRecord(variables)) params.variables = variables;
  else if (variables !== undefined && variables !== null) return undefined;
  if (typeof operationName === "string") params.operationName = operationName;
  else if (operationName !== undefined && operationName !== null) return undefined;
  return { params, mediaType };
}

/**
 * Answers plain requests by yoga's own steps (parameters, parsing, validation, execution, masks, status), without the
 * requests, responses and streams of Fetch around them, which cost more than all of these together.
 */
export class PlainAnswers {
  readonly #engine: Engine;
  /** Plugins look at its method only. */
  readonly #request: Request;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#request = new engine.fetchAPI.Request("http://hub/graphql", { method: "POST" });
  }

  /** Answers one. Rejects as the engine does. */
  async answer({ params, mediaType }: PlainRequest, context: ServerContext): Promise<PlainAnswer> {
    const result = await this.#engine.getResultForParams({ params, request: this.#request }, context);
    // A subscription that asks for one document is refused, and must not go on unheard.
    if (isAsyncIterable(result)) await result[Symbol.asyncIterator]().return?.();
    if (result === undefined) throw new InvariantError("yoga gave no result");
    const answer = processRegularResult(result, this.#engine.fetchAPI, mediaType);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
