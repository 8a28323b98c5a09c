import { z } from "zod";
import { ANONYMOUS, type Credentials } from "./api-client.ts";

const GraphqlError = z.object({
  message: z.string(),
  path: z.array(z.unknown()).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

const Body = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(GraphqlError).optional(),
});

/** An answer of the real endpoint, whatever it is. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** As it came. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Codes of the top-level errors. */
  readonly codes: readonly unknown[];
  readonly messages: readonly string[];
}

/** Posts an operation and reads whatever comes back. `headers` stand above those of the caller. */
export async function ask(
  url: string,
  query: string,
  options: {
    readonly who?: Credentials;
    readonly variables?: object;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<ApiAnswer> {
  const { who = ANONYMOUS, variables = {}, headers = {} } = options;
  const body = JSON.stringify({ query, variables });
  return readAnswer(
    await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...who(body), ...headers },
      body,
    }),
  );
}

/** Reads an answer of the endpoint. */
export async function readAnswer(response: Response): Promise<ApiAnswer> {
  const text = await response.text();
  const { data, errors = [] } = Body.parse(JSON.parse(text));
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: data ?? {},
    codes: errors.map((error) => error.extensions?.["code"]),
    messages: errors.map((error) => error.message),
  };
}

const Payload = z.looseObject({ __typename: z.string().optional(), code: z.string().optional() });

/**
 * How an answer's root field reads in one word: the code of an error, of a member of the payload union or at the top;
 * `null` for nothing; else `ok`.
 */
export function outcomeOf(answer: ApiAnswer, field: string): string {
  if (answer.codes.length > 0) return String(answer.codes[0]);
  const value = answer.data[field];
  if (value === null || value === undefined) return "null";
  const payload = Payload.safeParse(value);
  return payload.success && payload.data.code !== undefined ? payload.data.code : "ok";
}
