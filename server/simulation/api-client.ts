import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";

const Answer = z.object({ data: z.unknown().optional(), errors: z.array(z.unknown()).optional() });

/** Who sends a request, as headers. The body is given because a phone's proof covers it. */
export type Credentials = (body: string) => Readonly<Record<string, string>>;

/** Nobody. */
export const ANONYMOUS: Credentials = () => ({});

/** A bearer token. */
export function bearer(token: string): Credentials {
  return () => ({ authorization: `Bearer ${token}` });
}

/** Sends a GraphQL request over HTTP and reads the answer's data. Throws PortnerError `GRAPHQL` for top-level errors. */
export async function request<Data extends z.ZodType>(
  url: string,
  who: Credentials,
  operation: { readonly document: string; readonly variables?: object; readonly answer: Data },
): Promise<z.infer<Data>> {
  const body = JSON.stringify({ query: operation.document, variables: operation.variables ?? {} });
  const headers = { "content-type": "application/json", ...who(body) };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
  const { data, errors } = Answer.parse(await response.json());
  if (errors !== undefined) throw new PortnerError("GRAPHQL", JSON.stringify(errors));
  return operation.answer.parse(data);
}

/** Signs in and answers the session's cookie as credentials. */
export async function signInAs(url: string, login: string, password: string): Promise<Credentials> {
  const query = `mutation($input: SignInInput!) { signIn(input: $input) { __typename ... on UserError { code message } } }`;
  const body = JSON.stringify({ query, variables: { input: { login, password } } });
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body,
  });
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
  if (cookie === "") throw new PortnerError("SIGN_IN", await response.text());
  return () => ({ cookie, origin: url });
}

/** What became of an opening, by the payload's type and its state or code. */
export interface OpenAnswer {
  readonly type: string;
  readonly state?: string | undefined;
  readonly code?: string | undefined;
  readonly operation?: string | undefined;
  readonly outcome?: string | undefined;
  /** Why it was denied, as far as a phone is told. */
  readonly reasons?: readonly string[] | undefined;
}

const Opened = z.object({
  openDoor: z.object({
    __typename: z.string(),
    state: z.string().optional(),
    code: z.string().optional(),
    operation: z.object({ id: z.string(), outcome: z.string() }).optional(),
    reasons: z.array(z.string()).optional(),
  }),
});

const OPEN = `mutation($input: OpenDoorInput!) { openDoor(input: $input) { __typename
  ... on OpenDoorSuccess { state operation { id outcome } } ... on UserError { code }
  ... on AccessDeniedError { reasons } } }`;

/** An enrolled phone: its session's token and its device key. */
export class TestPhone {
  readonly credential: string;
  readonly #token: string;
  readonly #key: KeyObject;

  constructor(credential: string, token: string, key: KeyObject) {
    this.credential = credential;
    this.#token = token;
    this.#key = key;
  }

  /** Headers with a proof by the device key over this body. */
  readonly credentials: Credentials = (body) => {
    const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
    const claims = JSON.stringify({ iat: Date.now(), ath: digest(this.#token), bd: digest(body) });
    const part = Buffer.from(claims).toString("base64url");
    const signature = sign(null, Buffer.from(`proof.${part}`, "ascii"), this.#key).toString("base64url");
    return { authorization: `Bearer ${this.#token}`, "portner-proof": `${part}.${signature}` };
  };

  /** The same phone with another session. */
  withToken(token: string): TestPhone {
    return new TestPhone(this.credential, token, this.#key);
  }

  /** The device key as a simulator's order takes it: raw bytes in base64url. */
  keyPair(): { readonly publicKey: string; readonly secretKey: string } {
    const { d = "", x = "" } = this.#key.export({ format: "jwk" });
    return { publicKey: x, secretKey: d };
  }

  /** Asks the hub to open; `key` repeats an earlier press. */
  async open(
    url: string,
    target: { readonly lock: string } | { readonly path: string },
    { waitMs = 0, key = newId(systemRandom) }: { readonly waitMs?: number; readonly key?: string } = {},
  ): Promise<OpenAnswer> {
    const variables = { input: { target, idempotencyKey: key, waitMs } };
    const { openDoor } = await request(url, this.credentials, { document: OPEN, variables, answer: Opened });
    const { __typename: type, operation, ...told } = openDoor;
    return { type, ...told, operation: operation?.id, outcome: operation?.outcome };
  }
}

/** Enrols a phone for an employee with a one-time code from a coordinator. */
export async function enrolPhone(url: string, coordinator: Credentials, employee: string): Promise<TestPhone> {
  const issued = await request(url, coordinator, {
    document: `mutation($input: IssueEnrolmentCodeInput!) { issueEnrolmentCode(input: $input) {
      ... on IssueEnrolmentCodeSuccess { code } ... on UserError { failure: code message } } }`,
    variables: { input: { employee } },
    answer: z.object({ issueEnrolmentCode: z.object({ code: z.string() }) }),
  });
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { code } = issued.issueEnrolmentCode;
  const enrolled = await request(url, ANONYMOUS, {
    document: `mutation($input: EnrolPhoneInput!) { enrolPhone(input: $input) {
      ... on EnrolPhoneSuccess { token credentialId } ... on UserError { failure: code message } } }`,
    variables: { input: { code, publicKey: publicKey.export({ format: "jwk" }).x, model: "Test phone" } },
    answer: z.object({ enrolPhone: z.object({ token: z.string(), credentialId: z.string() }) }),
  });
  const { token, credentialId } = enrolled.enrolPhone;
  return new TestPhone(credentialId, token, privateKey);
}

/** Polls until `look` gives something; throws PortnerError `WAITED` when it does not in time. */
export async function eventually<Value>(look: () => Promise<Value | undefined>, withinMs: number): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new PortnerError("WAITED", `nothing came within ${withinMs} ms`);
    await wait(20);
  }
}
