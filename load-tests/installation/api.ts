import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from "node:crypto";
import { z } from "zod";
import { wallTime } from "../clock.ts";
import { LoadError } from "../fault.ts";

/** Who sends a request, as headers; a phone's proof covers the body. */
export type Credentials = (body: string) => Readonly<Record<string, string>>;

/** Nobody. */
export const nobody: Credentials = () => ({});

const Envelope = z.object({ data: z.unknown().optional(), errors: z.array(z.unknown()).optional() });

/** Asks the public API. Throws LoadError `GRAPHQL` for an answer with errors or of another shape. */
export async function ask<Data extends z.ZodType>(
  url: string,
  who: Credentials,
  operation: { readonly document: string; readonly variables?: object; readonly answer: Data },
): Promise<z.infer<Data>> {
  const body = JSON.stringify({ query: operation.document, variables: operation.variables ?? {} });
  const headers = { "content-type": "application/json", ...who(body) };
  const response = await fetch(`${url}/graphql`, { method: "POST", headers, body });
  const { data, errors } = Envelope.parse(await response.json());
  const answer = operation.answer.safeParse(data);
  if (errors === undefined && answer.success) return answer.data;
  throw new LoadError("GRAPHQL", JSON.stringify(errors ?? data));
}

const SIGN_IN = `mutation($input: SignInInput!) { signIn(input: $input) { __typename ... on UserError { code } } }`;

/** Signs in and gives the session's cookie, as a browser sends it. */
export async function signIn(
  url: string,
  account: { readonly login: string; readonly password: string },
): Promise<string> {
  const { login, password } = account;
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ query: SIGN_IN, variables: { input: { login, password } } }),
  });
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
  if (cookie === "") throw new LoadError("SIGN_IN", await response.text());
  return cookie;
}

/** Somebody who is signed in on a page of the hub's own. */
export function dashboard(url: string, cookie: string): Credentials {
  return () => ({ cookie, origin: url });
}

/** A carer's phone: what it may open, and how it proves itself. */
export interface Phone {
  readonly credential: string;
  readonly who: Credentials;
  /** Global ids of the locks that it may open by themselves. */
  readonly locks: readonly string[];
}

const Issued = z.object({ issueEnrolmentCode: z.object({ code: z.string() }) });
const Enrolled = z.object({ enrolPhone: z.object({ token: z.string(), credentialId: z.string() }) });
const Lock = z.object({ id: z.string() }).nullable();
const Paths = z.object({
  myPaths: z.object({ edges: z.array(z.object({ node: z.object({ doors: z.array(z.object({ lock: Lock })) }) })) }),
});

/** Enrols a phone for an employee, as a coordinator and a carer do it together. */
export async function enrolPhone(url: string, coordinator: Credentials, employee: string): Promise<Phone> {
  const { issueEnrolmentCode } = await ask(url, coordinator, {
    document: `mutation($input: IssueEnrolmentCodeInput!) { issueEnrolmentCode(input: $input) {
      ... on IssueEnrolmentCodeSuccess { code } ... on UserError { failure: code } } }`,
    variables: { input: { employee } },
    answer: Issued,
  });
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { code } = issueEnrolmentCode;
  const { enrolPhone: enrolled } = await ask(url, nobody, {
    document: `mutation($input: EnrolPhoneInput!) { enrolPhone(input: $input) {
      ... on EnrolPhoneSuccess { token credentialId } ... on UserError { failure: code } } }`,
    variables: { input: { code, publicKey: publicKey.export({ format: "jwk" }).x, model: "Load test" } },
    answer: Enrolled,
  });
  const who = provenBy(privateKey, enrolled.token);
  const { myPaths } = await ask(url, who, {
    document: "{ myPaths(first: 100) { edges { node { doors { lock { id } } } } } }",
    answer: Paths,
  });
  const locks = myPaths.edges.flatMap(({ node }) => node.doors.flatMap(({ lock }) => lock?.id ?? []));
  return { credential: enrolled.credentialId, who, locks: [...new Set(locks)] };
}

function provenBy(key: KeyObject, token: string): Credentials {
  const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
  return (body) => {
    const claims = JSON.stringify({ iat: wallTime(), ath: digest(token), bd: digest(body) });
    const part = Buffer.from(claims).toString("base64url");
    const signature = sign(null, Buffer.from(`proof.${part}`), key).toString("base64url");
    return { authorization: `Bearer ${token}`, "portner-proof": `${part}.${signature}` };
  };
}

/** A request to open a door, signed and ready to be sent within the proof's minute. */
export interface SignedRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const OPEN = `mutation($input: OpenDoorInput!) { openDoor(input: $input) { __typename
  ... on OpenDoorSuccess { state operation { commands { id } } } ... on UserError { code } } }`;

/** Signs one press of the button. */
export function signOpening(phone: Phone, lock: string, waitMs: number): SignedRequest {
  const input = { target: { lock }, idempotencyKey: randomUUID(), waitMs };
  const body = JSON.stringify({ query: OPEN, variables: { input } });
  return { body, headers: { "content-type": "application/json", ...phone.who(body) } };
}
