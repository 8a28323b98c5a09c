import { once } from "node:events";
import { createServer } from "node:http";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createBuilder } from "../graphql/builder.ts";
import { createGraphqlEndpoint, HTTP_SERVER_OPTIONS, type GraphqlEndpoint } from "../graphql/endpoint.ts";
import { LiveStream } from "../graphql/live-stream.ts";
import { fieldsWithoutRule } from "../graphql/rules.ts";
import { globalIdText } from "../graphql/scalars.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { requestProof, signClaims, startIdentityWorld, type IdentityWorld } from "../simulation/identity-world.ts";
import { createAccount } from "./accounts.ts";
import { mayAtAll } from "./authorise.ts";
import { extendIdentity } from "./graphql.ts";
import { openPhoneSession } from "./open-session.ts";
import type { Operation } from "./operation.ts";
import type { Principal } from "./principal.ts";

const PASSWORD = "korrekt hest batteri";

let world: IdentityWorld;
let endpoint: GraphqlEndpoint;
let host: string;
const server = createServer(HTTP_SERVER_OPTIONS);

function buildSchema() {
  const builder = createBuilder<Principal, Operation>({ may: mayAtAll });
  extendIdentity(builder, { ...world.deps, sessions: world.sessions });
  builder.subscriptionField("beats", (t) =>
    t.boolean({
      authScopes: { may: "subscribe" },
      subscribe: () => new LiveStream({ clock: systemClock, beatMs: 20, connect: () => () => undefined }),
      resolve: () => true,
    }),
  );
  return builder.toSchema();
}

beforeAll(async () => {
  world = await startIdentityWorld();
  endpoint = createGraphqlEndpoint({
    schema: buildSchema(),
    authenticate: world.authenticate,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  server.on("request", (request, response) => void endpoint.handle(request, response));
  server.on("upgrade", (request, socket, head) => endpoint.upgrade(request, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const account = {
    tenant: world.tenant,
    login: "lene",
    name: "Lene",
    password: PASSWORD,
    roles: [{ role: "H" }] as const,
  };
  await createAccount(world.deps, account);
});
afterAll(async () => {
  await endpoint.close();
  server.closeAllConnections();
  server.close();
  await world.stop();
});

interface Answer {
  readonly data: unknown;
  readonly cookie: string | undefined;
}

async function ask(query: string, headers: Record<string, string> = {}, variables = {}): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  const all = { "content-type": "application/json", origin: `http://${host}`, ...headers };
  const answer = await fetch(`http://${host}/graphql`, { method: "POST", headers: all, body });
  const { data, errors } = JSON.parse(await answer.text());
  return { data: data ?? errors, cookie: answer.headers.getSetCookie()[0] };
}

const SIGN_IN = `mutation ($password: String!) { signIn(input: { login: "lene", password: $password }) {
  __typename ... on UserError { code } ... on SignInSuccess { viewer { ... on AccountViewer { name roles { role } } } } } }`;
const VIEWER =
  "{ viewer { __typename ... on AccountViewer { name municipality } ... on PhoneViewer { credentialId } } }";

async function signedIn(): Promise<{ cookie: string }> {
  const { cookie } = await ask(SIGN_IN, {}, { password: PASSWORD });
  return { cookie: cookie?.split(";")[0] ?? "" };
}

test("every field of identity has a rule", () => {
  expect(fieldsWithoutRule(buildSchema())).toEqual([]);
});

test("signing in sets a cookie no script can read, and the viewer is then somebody", async () => {
  expect((await ask(VIEWER)).data).toEqual({ viewer: null });
  const { data, cookie } = await ask(SIGN_IN, {}, { password: PASSWORD });
  expect(data).toEqual({ signIn: { __typename: "SignInSuccess", viewer: { name: "Lene", roles: [{ role: "H" }] } } });
  expect(cookie).toMatch(/^portner=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect((await ask(VIEWER, { cookie: cookie?.split(";")[0] ?? "" })).data).toEqual({
    viewer: { __typename: "AccountViewer", name: "Lene", municipality: expect.stringMatching(/./) },
  });
});

test("a wrong password is a typed refusal and sets nothing", async () => {
  const { data, cookie } = await ask(SIGN_IN, {}, { password: "wrong" });
  expect(data).toEqual({ signIn: { __typename: "ForbiddenError", code: "SIGN_IN_REFUSED" } });
  expect(cookie).toBeUndefined();
});

test("signing out takes the cookie away and closes the session's sockets with 4403 within a second", async () => {
  const headers = { ...(await signedIn()), origin: `http://${host}` };
  class WithCookie extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers });
    }
  }
  const heard: unknown[] = [];
  const closed = new Promise((resolve) => {
    const client = createClient({
      url: `ws://${host}/graphql`,
      webSocketImpl: WithCookie,
      retryAttempts: 0,
      on: { closed: resolve },
    });
    client.subscribe(
      { query: "subscription { beats }" },
      { next: ({ data }) => heard.push(data), error: () => undefined, complete: () => undefined },
    );
  });
  await vi.waitFor(() => expect(heard.length).toBeGreaterThan(1));
  const out = await ask("mutation { signOut { ... on SignOutSuccess { ended } } }", headers);
  const signedOutAt = performance.now();
  expect(out).toEqual({
    data: { signOut: { ended: true } },
    cookie: "portner=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
  });
  expect(await closed).toMatchObject({ code: 4403 });
  expect(performance.now() - signedOutAt).toBeLessThan(1_000);
  expect((await ask(VIEWER, headers)).data).toEqual({ viewer: null });
});

test("a phone is a viewer by session and proof, and renews with its session or with its key alone", async () => {
  const phone = await world.addPhone();
  const opened = await openPhoneSession(world.deps, phone.credential);
  if (!opened.ok) throw new InvariantError(opened.failure.code);
  const signed = (token: string, query: string, variables = {}) => {
    const proof = requestProof(phone.key, token, world.clock.now(), JSON.stringify({ query, variables }));
    return ask(query, { authorization: `Bearer ${token}`, "portner-proof": proof }, variables);
  };
  const credentialId = globalIdText("Credential", phone.publicId);
  expect((await signed(opened.value.token, VIEWER)).data).toEqual({
    viewer: { __typename: "PhoneViewer", credentialId },
  });
  const renew =
    "mutation ($proof: String) { renewPhoneSession(proof: $proof) { __typename ... on RenewPhoneSessionSuccess { token } ... on UserError { code } } }";
  const next = JSON.parse(JSON.stringify((await signed(opened.value.token, renew)).data));
  expect((await signed(next.renewPhoneSession.token, VIEWER)).data).toMatchObject({ viewer: { credentialId } });
  const proof = signClaims(phone.key, "renew", { iat: world.clock.now(), cred: credentialId });
  expect((await ask(renew, {}, { proof })).data).toMatchObject({
    renewPhoneSession: { __typename: "RenewPhoneSessionSuccess" },
  });
  expect((await ask(renew)).data).toEqual({
    renewPhoneSession: { __typename: "ForbiddenError", code: "UNAUTHENTICATED" },
  });
  const late = signClaims(phone.key, "renew", { iat: world.clock.now() - 70_000, cred: credentialId });
  expect((await ask(renew, {}, { proof: late })).data).toEqual({
    renewPhoneSession: { __typename: "InvalidInputError", code: "PROOF_TIME" },
  });
});
