import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { ask, outcomeOf, type ApiAnswer } from "./api-ask.ts";
import { bearer, request, type Credentials, type TestPhone } from "./api-client.ts";
import { startApiTown, type ApiTown } from "./api-town.ts";

let api: ApiTown;
beforeAll(async () => {
  api = await startApiTown();
}, 90_000);
afterAll(() => api.town.end());

const BLOCK = `mutation($input: BlockCredentialInput!) { blockCredential(input: $input) { __typename
  ... on BlockCredentialSuccess { block { id reach { hubsApplied } } } ... on UserError { code } } }`;
const LOOK_UP = `mutation($input: LookUpCitizenInput!) { lookUpCitizen(input: $input) { __typename
  ... on UserError { code } } }`;
/** What the console asks while somebody types, with all that a hit shows. */
const SEARCH = `query($text: String!) { search(text: $text, first: 200) { __typename
  ... on PlaceHit { locks { serial } } ... on LockHit { lock { serial } } } }`;

/** Blocks a phone, and tells how long that took. */
async function block(
  who: Credentials,
  phone: TestPhone,
): Promise<{ readonly outcome: string; readonly tookMs: number }> {
  const since = performance.now();
  const variables = { input: { credential: phone.credential, reason: "lost" } };
  const answer = await ask(api.hub.url, BLOCK, { who, variables });
  return { outcome: outcomeOf(answer, "blockCredential"), tookMs: performance.now() - since };
}

async function refusals(limit: string): Promise<number> {
  const metrics = await (await fetch(`${api.hub.url}/metrics`)).text();
  const found = new RegExp(`^portner_operations_turned_away_total\\{limit="${limit}"\\} (\\d+)$`, "m").exec(metrics);
  return Number(found?.[1] ?? 0);
}

/** Asks the same until it is refused; gives the refusal. */
async function untilRefused(query: string, who: Credentials, variables: object): Promise<ApiAnswer> {
  for (;;) {
    const answers = await Promise.all(Array.from({ length: 16 }, () => ask(api.hub.url, query, { who, variables })));
    const refused = answers.find(({ status }) => status === 429);
    if (refused !== undefined) return refused;
  }
}

test("whoever has asked for too much is refused and counted, and still blocks a lost phone at once", async () => {
  const { credentials } = await api.signIn({ role: "A" });
  const refused = await untilRefused(SEARCH, credentials, { text: "Fj" });
  expect(refused.codes).toEqual(["RATE_LIMITED"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(refused.headers.get("ratelimit-policy")).toBe('"cost";q=400000;w=20');
  expect(refused.headers.get("ratelimit")).toMatch(/^"cost";r=\d+;t=\d+$/);
  expect(await refusals("cost")).toBeGreaterThan(0);
  const phone = await api.phoneOf(api.own.employee);
  expect(await block(credentials, phone)).toMatchObject({ outcome: "ok" });
  expect((await ask(api.hub.url, SEARCH, { who: api.who.A, variables: { text: "Fj" } })).codes).toEqual([]);
}, 30_000);

const VIEWER = "{ viewer { __typename } }";
const SIGN_OUT = "mutation { signOut { __typename } }";
const RENEW = "mutation { renewPhoneSession { ... on RenewPhoneSessionSuccess { token } ... on UserError { code } } }";
const Renewed = z.object({
  renewPhoneSession: z.object({ token: z.string().optional(), code: z.string().optional() }),
});

async function signedOut(): Promise<number> {
  const [row] = await api.town.db.database.raw<{ count: string }[]>`
    SELECT count(*) AS count FROM journal WHERE kind = 'session.ended' AND data ->> 'cause' = 'SIGNED_OUT'`;
  return Number(row?.count);
}

test("a phone that renews its session and signs out all the time makes others' openings stale ten times, then six a minute", async () => {
  const phone = await api.phoneOf(api.own.employee);
  const before = await signedOut();
  const refused = new Set<string | undefined>();
  for (let turn = 0; turn < 30; turn += 1) {
    const { renewPhoneSession } = await request(api.hub.url, phone.credentials, { document: RENEW, answer: Renewed });
    const { token, code } = renewPhoneSession;
    if (token === undefined) refused.add(code);
    else
      expect(outcomeOf(await ask(api.hub.url, SIGN_OUT, { who: phone.withToken(token).credentials }), "signOut")).toBe(
        "ok",
      );
  }
  expect([...refused]).toEqual(["TOO_MANY_SESSIONS"]);
  const times = (await signedOut()) - before;
  expect(times).toBeGreaterThan(5);
  expect(times).toBeLessThanOrEqual(11);
  // Its own session, which it has kept all the time, ends as well.
  expect(outcomeOf(await ask(api.hub.url, SIGN_OUT, { who: phone.credentials }), "signOut")).toBe("ok");
  await vi.waitFor(async () => expect((await ask(api.hub.url, VIEWER, { who: phone.credentials })).status).toBe(401));
}, 30_000);

test("whoever has asked for too much still signs out, and the cookie is taken away", async () => {
  const { credentials } = await api.signIn({ role: "H" });
  await untilRefused(SEARCH, credentials, { text: "Fj" });
  const out = await ask(api.hub.url, SIGN_OUT, { who: credentials });
  expect([outcomeOf(out, "signOut"), out.headers.getSetCookie()[0]]).toEqual([
    "ok",
    expect.stringContaining("Max-Age=0"),
  ]);
  await vi.waitFor(async () =>
    expect((await ask(api.hub.url, VIEWER, { who: credentials })).data).toEqual({ viewer: null }),
  );
}, 30_000);

/** Below the two seconds for which a single statement waits for a lock: whoever waited behind one would be later. */
const BEHIND_LOOK_UPS_MS_MAX = 1_500;
/** What was under way when the block came still ends; the flood behind it would take many times as long. */
const AMID_SEARCHES_MS_MAX = 3_000;
/** Searches at once by each of four callers. */
const SEARCHES_AT_ONCE = 8;

test("a block does not wait behind others' slow look-ups", async () => {
  const first = await api.phoneOf(api.own.employee);
  const second = await api.phoneOf(api.own.employee);
  const quiet = await block(api.who.A, first);
  const flood: Promise<ApiAnswer>[] = [];
  const holder = postgres(api.town.db.url, { max: 1 });
  const busy = await holder.begin(async (sql) => {
    await sql`LOCK TABLE citizen IN ACCESS EXCLUSIVE MODE`;
    for (const who of [api.who.H, api.who.C, api.who.L]) {
      const input = { text: "Jensen", purpose: "a flood", callerId: api.own.employee };
      for (let at = 0; at < 60; at += 1) flood.push(ask(api.hub.url, LOOK_UP, { who, variables: { input } }));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    return block(api.who.A, second);
  });
  await holder.end();
  console.info(JSON.stringify({ quiet, busy }));
  expect(busy.outcome).toBe("ok");
  expect(busy.tookMs).toBeLessThan(BEHIND_LOOK_UPS_MS_MAX);
  await Promise.all(flood);
}, 30_000);

test("a block does not wait behind others' floods of searches and questions", async () => {
  const phones: TestPhone[] = [];
  for (let at = 0; at < 4; at += 1) phones.push(await api.phoneOf(api.own.employee));
  const until = { stopped: false };
  const flood = async (who: Credentials, query: string, variables: object): Promise<void> => {
    while (!until.stopped) {
      await ask(api.hub.url, query, { who, variables });
    }
  };
  const floods = [api.who.H, api.who.C, api.who.L, bearer(api.token)].flatMap((who) =>
    Array.from({ length: SEARCHES_AT_ONCE }, () => flood(who, SEARCH, { text: "Fjordby" })),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const took: number[] = [];
  const outcomes: string[] = [];
  for (const phone of phones) {
    const { outcome, tookMs } = await block(api.who.A, phone);
    outcomes.push(outcome);
    took.push(Math.round(tookMs));
  }
  until.stopped = true;
  await Promise.all(floods);
  console.info(JSON.stringify({ took }));
  expect(new Set(outcomes)).toEqual(new Set(["ok"]));
  expect(Math.max(...took)).toBeLessThan(AMID_SEARCHES_MS_MAX);
}, 60_000);
