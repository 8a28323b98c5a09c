import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, outcomeOf } from "./api-ask.ts";
import { bearer, eventually, signInAs, type Credentials, type TestPhone } from "./api-client.ts";
import { listenBySocket, listenBySse, type Live } from "./api-live.ts";
import { startApiTown, type ApiTown } from "./api-town.ts";

/** S14: after a right has ended nothing comes any more, and the line is cut, within this. */
const ENDED_MS = 1_000;

const VIEWER = "{ viewer { __typename } }";
const EVENTS = "subscription { doorEvents { cursor replayed node { __typename lock { id } } } }";
const LOCKS = "subscription { lockChanged { kind } }";

let api: ApiTown;
const lives: Live[] = [];

beforeAll(async () => {
  api = await startApiTown();
}, 90_000);
afterAll(async () => {
  for (const live of lives) live.close();
  await api.town.end();
});

function kept(live: Live): Live {
  lives.push(live);
  return live;
}

/** The cookie that a browser would hold. */
function cookieOf(who: Credentials): string {
  return who("")["cookie"] ?? "";
}

/** As a browser sends them: `fetch` here would not let these headers through. */
function post(query: string, headers: Readonly<Record<string, string>>, method = "POST"): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = method === "GET" ? `/graphql?${new URLSearchParams({ query })}` : "/graphql";
    const sent = httpRequest(
      `${api.hub.url}${url}`,
      { method, headers: { "content-type": "application/json", ...headers } },
      (response: IncomingMessage) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on("error", reject);
    sent.end(method === "GET" ? undefined : JSON.stringify({ query }));
  });
}

/** A subscription with a cookie over a socket; with this origin, or none. */
function socketFrom(origin: string | undefined): Live {
  const headers = { cookie: cookieOf(api.who.A), ...(origin !== undefined && { origin }) };
  return kept(listenBySocket(api.hub.url, LOCKS, { headers }));
}

test("a session's cookie can't be read by scripts, goes to this site only, and ends by itself", async () => {
  const { login } = await api.signIn({ role: "D" });
  const query = "mutation($input: SignInInput!) { signIn(input: $input) { __typename } }";
  const answer = await ask(api.hub.url, query, { variables: { input: { login, password: api.password } } });
  const [cookie = ""] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^portner=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const token = /^portner=([^;]+)/.exec(cookie)?.[1] ?? "";
  // In a header, where a script could have put it, a dashboard's session is worth nothing.
  expect((await ask(api.hub.url, VIEWER, { who: bearer(token) })).status).toBe(401);
});

test("a request with a cookie proves that its page is ours", async () => {
  const cookie = cookieOf(api.who.A);
  const origin = api.hub.url;
  expect(await post(VIEWER, { cookie, origin })).toBe(200);
  expect(await post(VIEWER, { cookie, "sec-fetch-site": "same-origin" })).toBe(200);
  expect(await post(VIEWER, { cookie })).toBe(403);
  for (const foreign of ["https://evil.example", "null", `${origin}.evil.example`, "http://127.0.0.1:1"]) {
    expect([foreign, await post(VIEWER, { cookie, origin: foreign })]).toEqual([foreign, 403]);
    expect([foreign, await post(VIEWER, { origin: foreign })]).toEqual([foreign, 403]);
    expect([foreign, await post(VIEWER, { cookie, origin: foreign }, "GET")]).toEqual([foreign, 403]);
  }
  for (const site of ["cross-site", "same-site", "none"]) {
    expect([site, await post(VIEWER, { cookie, "sec-fetch-site": site })]).toEqual([site, 403]);
  }
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    expect([type, await post(VIEWER, { cookie, origin, "content-type": type })]).toEqual([type, 415]);
  }
});

test("an upgrade with a cookie proves the same", async () => {
  const own = socketFrom(api.hub.url);
  await own.until((item) => item.data !== undefined && item.data !== null);
  for (const origin of ["https://evil.example", "null", undefined]) {
    const live = socketFrom(origin);
    await live.untilEnded();
    expect(live.items).toEqual([]);
  }
});

test("a socket of somebody unknown is closed with 4401", async () => {
  for (const params of [{}, { authorization: "Bearer ptn_nothing" }, { authorization: `Bearer ${"x".repeat(43)}` }]) {
    const live = kept(listenBySocket(api.hub.url, LOCKS, { params }));
    await live.untilEnded();
    expect([live.code, live.items]).toEqual([4401, []]);
  }
});

test("door events come over SSE by POST and by GET, and over a socket, with the same cursors", async () => {
  const who = bearer(api.token);
  const streams = [
    kept(await listenBySse(api.hub.url, EVENTS, { who })),
    kept(await listenBySse(api.hub.url, EVENTS, { who, method: "GET" })),
    kept(listenBySocket(api.hub.url, EVENTS, { params: { authorization: `Bearer ${api.token}` } })),
  ];
  // Nobody says when a stream has begun, so the door is tried until all have seen it.
  const seen = (live: Live): string[] => live.items.flatMap((item) => cursorsIn(JSON.stringify(item), api.own.lock));
  await eventually(async () => {
    await api.own.phone.open(api.hub.url, { lock: api.own.lock });
    return streams.every((live) => seen(live).length > 0) ? true : undefined;
  }, 10_000);
  const [shared] = streams.map((live) => seen(live).at(-1));
  expect(shared).toMatch(/./);
  for (const live of streams) await live.until((item) => JSON.stringify(item).includes(shared ?? "none"));
}, 20_000);

function cursorsIn(text: string, lock: string): string[] {
  return text.includes(lock) ? [/"cursor":"([^"]+)"/.exec(text)?.[1] ?? ""] : [];
}

test("a quiet stream beats every ten seconds, over SSE and over a socket", async () => {
  const asked = performance.now();
  const who = bearer(api.token);
  const quiet = [
    kept(await listenBySse(api.hub.url, EVENTS, { who })),
    kept(listenBySocket(api.hub.url, EVENTS, { params: { authorization: `Bearer ${api.token}` } })),
  ];
  for (const live of quiet) await live.until((item) => JSON.stringify(item).includes('"node":null'), 13_000);
  expect(performance.now() - asked).toBeGreaterThan(9_000);
}, 20_000);

test("signing out ends the session's sockets with 4403, and the cookie is worth nothing", async () => {
  const { credentials } = await api.signIn({ role: "H" });
  const headers = { cookie: cookieOf(credentials), origin: api.hub.url };
  const socket = kept(listenBySocket(api.hub.url, LOCKS, { headers }));
  const stream = kept(await listenBySse(api.hub.url, LOCKS, { who: credentials }));
  for (const live of [socket, stream]) await live.until((item) => item.data !== undefined && item.data !== null);
  const out = await ask(api.hub.url, "mutation { signOut { ... on SignOutSuccess { ended } } }", { who: credentials });
  expect(out.data).toEqual({ signOut: { ended: true } });
  expect(out.headers.getSetCookie()[0]).toContain("Max-Age=0");
  for (const live of [socket, stream]) await live.untilEnded(ENDED_MS);
  expect(socket.code).toBe(4403);
  expect((await ask(api.hub.url, VIEWER, { who: credentials })).data).toEqual({ viewer: null });
  expect((await ask(api.hub.url, "{ locks { edges { cursor } } }", { who: credentials })).codes).toEqual([
    "UNAUTHENTICATED",
  ]);
});

const BLOCK = `mutation($credential: ID!) { blockCredential(input: { credential: $credential, reason: "lost" }) {
  __typename ... on BlockCredentialSuccess { endedSessions } ... on UserError { code } } }`;

test("a phone's streams end within a second of its block, and nothing is delivered later", async () => {
  const phone: TestPhone = await api.phoneOf(api.own.employee);
  const query = EVENTS;
  const sse = kept(await listenBySse(api.hub.url, query, { who: phone.credentials }));
  // A socket has no body to prove: its proof covers none.
  const socket = kept(listenBySocket(api.hub.url, query, { params: phone.credentials("") }));
  await eventually(async () => {
    await api.own.phone.open(api.hub.url, { lock: api.own.lock });
    return [sse, socket].every((live) => live.items.length > 0) ? true : undefined;
  }, 10_000);
  const blocked = await ask(api.hub.url, BLOCK, { who: api.who.A, variables: { credential: phone.credential } });
  expect(blocked.data).toEqual({
    blockCredential: { __typename: "BlockCredentialSuccess", endedSessions: 1 },
  });
  const had = [sse.items.length, socket.items.length];
  await Promise.all([sse.untilEnded(ENDED_MS), socket.untilEnded(ENDED_MS)]);
  expect(socket.code).toBe(4403);
  for (let tries = 0; tries < 5; tries += 1) await api.own.phone.open(api.hub.url, { lock: api.own.lock });
  expect([sse.items.length, socket.items.length]).toEqual(had);
  const refused = await ask(api.hub.url, VIEWER, { who: phone.credentials });
  expect([refused.status, refused.codes]).toEqual([401, ["SESSION_EXPIRED"]]);
  const again = kept(listenBySocket(api.hub.url, query, { params: phone.credentials("") }));
  await again.untilEnded();
  expect(again.code).toBe(4401);
}, 20_000);

test("a session whose time is up is told so by its code", async () => {
  const phone = await api.phoneOf(api.own.employee);
  // Nobody waits twelve hours here: the row's end moves, and another hub reads it.
  const { raw } = api.town.db.database;
  await raw`UPDATE session SET expires_at = now() - interval '1 second' WHERE credential =
    (SELECT id FROM credential ORDER BY id DESC LIMIT 1)`;
  const second = await api.town.hub(1);
  const answer = await ask(second.url, VIEWER, { who: phone.credentials });
  expect([answer.status, answer.codes]).toEqual([401, ["SESSION_EXPIRED"]]);
  expect(answer.text).not.toMatch(/\.ts:\d|select/i);
  const open = 'mutation { openDoor(input: { target: { lock: "x" }, idempotencyKey: "expired-01" }) { __typename } }';
  expect(outcomeOf(await ask(second.url, open, { who: phone.credentials }), "openDoor")).toBe("SESSION_EXPIRED");
}, 30_000);

test("a proof is good for its own body, its own token and its own minute", async () => {
  const { phone } = api.own;
  const proof = phone.credentials(JSON.stringify({ query: VIEWER, variables: {} }));
  const replayed = await ask(api.hub.url, "{ __typename }", { headers: proof });
  expect([replayed.status, replayed.codes]).toEqual([401, ["PROOF_INVALID"]]);
  const none = await ask(api.hub.url, VIEWER, { headers: { authorization: proof["authorization"] ?? "" } });
  expect([none.status, none.codes]).toEqual([401, ["PROOF_INVALID"]]);
});

test("a wrong password gives no session", async () => {
  const { login } = await api.signIn({ role: "D" });
  await expect(signInAs(api.hub.url, login, "not the password")).rejects.toMatchObject({ code: "SIGN_IN" });
});
