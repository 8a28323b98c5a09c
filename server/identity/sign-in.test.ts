import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { apiToken, loginKey, signInFailure } from "@portner/drizzle";
import { isForeign, readAfter } from "../journal/index.ts";
import { InvariantError } from "../kernel/errors.ts";
import { systemRandom } from "../kernel/random.ts";
import { startIdentityWorld, type IdentityWorld } from "../simulation/identity-world.ts";
import { createAccount, type NewAccount } from "./accounts.ts";
import { digestOfLogin } from "./login-digest.ts";
import { ALL_LOGINS, REFUSALS_TOLD_MAX, signIn } from "./sign-in.ts";
import { isTokenText } from "./token-text.ts";
import { createToken, revokeToken } from "./tokens.ts";

const Refused = z.object({ loginDigest: z.string() });

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
});
afterAll(() => world.stop());

const PASSWORD = "korrekt hest batteri";

async function make(login: string, change: Partial<NewAccount> = {}) {
  const roles = [{ role: "A" }] as const;
  return createAccount(world.deps, { tenant: world.tenant, login, name: "Lene", password: PASSWORD, roles, ...change });
}

async function entriesOf(kind: string): Promise<readonly unknown[]> {
  const { entries } = await readAfter(world.db.database.raw, 0, 5_000);
  return entries.flatMap((entry) => (!isForeign(entry) && entry.kind === kind ? [entry.data] : []));
}

test("the right password lets in, in any case of the login, and stands in the journal", async () => {
  expect(await make("Lene@Fjordby.example")).toMatchObject({ ok: true });
  const before = (await entriesOf("session.opened")).length;
  const opened = await signIn(world.deps, {
    network: "192.0.2.1",
    login: " lene@FJORDBY.example ",
    password: PASSWORD,
  });
  expect(opened).toMatchObject({ ok: true, value: { token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) } });
  expect(await entriesOf("session.opened")).toHaveLength(before + 1);
});

test("a wrong password and an unknown login are refused alike", async () => {
  await make("wrong@fjordby.example");
  const refused = { ok: false, failure: { code: "REFUSED" } };
  expect(
    await signIn(world.deps, { network: "192.0.2.1", login: "wrong@fjordby.example", password: "not that one" }),
  ).toEqual(refused);
  expect(
    await signIn(world.deps, { network: "192.0.2.1", login: "nobody@fjordby.example", password: "not that one" }),
  ).toEqual(refused);
  expect(
    await signIn(world.deps, { network: "192.0.2.1", login: "x".repeat(5_000), password: "y".repeat(100_000) }),
  ).toEqual(refused);
});

test("an eleventh try in a quarter of an hour is not looked at, even with the right password, and one entry says so", async () => {
  await make("guessed@fjordby.example");
  const attempt = (password: string) =>
    signIn(world.deps, { network: "192.0.2.1", login: "guessed@fjordby.example", password });
  for (let i = 0; i < 10; i += 1) expect(await attempt("a guess")).toEqual({ ok: false, failure: { code: "REFUSED" } });
  for (let i = 0; i < 3; i += 1) {
    expect(await attempt(PASSWORD)).toEqual({ ok: false, failure: { code: "TOO_MANY_TRIES", retryAfterMs: 900_000 } });
  }
  const throttled = (await entriesOf("session.refused")).filter((data) => JSON.stringify(data).includes("THROTTLED"));
  expect(throttled).toHaveLength(1);
  world.clock.advance(900_001);
  expect(await attempt(PASSWORD)).toMatchObject({ ok: true });
});

test("guesses from elsewhere keep nobody out, until they are many from many networks", async () => {
  const login = "known@fjordby.example";
  await make(login);
  const from = (network: string, password: string) => signIn(world.deps, { login, password, network });
  for (let network = 0; network < 9; network += 1) {
    for (let i = 0; i < 11; i += 1) await from(`198.51.100.${network}`, "a guess");
  }
  expect(await from("192.0.2.1", PASSWORD)).toMatchObject({ ok: true });
  for (let network = 20; network < 22; network += 1) {
    for (let i = 0; i < 11; i += 1) await from(`198.51.100.${network}`, "a guess");
  }
  expect(await from("192.0.2.1", PASSWORD)).toMatchObject({ failure: { code: "TOO_MANY_TRIES" } });
  world.clock.advance(900_001);
  expect(await from("192.0.2.1", PASSWORD)).toMatchObject({ ok: true });
});

test("of many tries at the same moment no more than ten are looked at", async () => {
  await make("raced@fjordby.example");
  const attempt = (password: string) =>
    signIn(world.deps, { network: "192.0.2.1", login: "raced@fjordby.example", password });
  const tries = await Promise.all(Array.from({ length: 30 }, (_, i) => attempt(i === 29 ? PASSWORD : "a guess")));
  const lookedAt = tries.filter((each) => each.ok || each.failure.code === "REFUSED");
  expect(lookedAt.length).toBeLessThanOrEqual(10);
});

test("ten tries are looked at, and the right password forgets the wrong ones", async () => {
  await make("forgetful@fjordby.example");
  const attempt = (password: string) =>
    signIn(world.deps, { network: "192.0.2.1", login: "forgetful@fjordby.example", password });
  for (let i = 0; i < 9; i += 1) await attempt("mistyped again");
  expect(await attempt(PASSWORD)).toMatchObject({ ok: true });
  expect(await attempt("mistyped again")).toMatchObject({ failure: { code: "REFUSED" } });
  const rows = await world.db.database.tables.select().from(signInFailure);
  expect(JSON.stringify(rows)).not.toContain("forgetful");
});

test("made-up logins fill neither the journal nor the table, and keep nobody out", async () => {
  await make("flooded@fjordby.example");
  world.clock.advance(900_001);
  const { tables } = world.db.database;
  const before = (await entriesOf("session.refused")).length;
  const at = new Date(world.clock.now());
  const flood = Array.from({ length: REFUSALS_TOLD_MAX - 2 }, (_, i) => ({ loginDigest: `made up ${i}`, at }));
  await tables.insert(signInFailure).values(flood);
  const refused = { ok: false, failure: { code: "REFUSED" } };
  for (let i = 0; i < 6; i += 1) {
    expect(await signIn(world.deps, { network: "192.0.2.1", login: `made up at ${i}`, password: "a guess" })).toEqual(
      refused,
    );
  }
  const told = (await entriesOf("session.refused")).slice(before);
  expect(told).toMatchObject([
    { cause: "UNKNOWN_OR_WRONG" },
    { cause: "UNKNOWN_OR_WRONG" },
    { cause: "THROTTLED", loginDigest: ALL_LOGINS },
  ]);
  expect(
    await signIn(world.deps, { network: "192.0.2.1", login: "flooded@fjordby.example", password: PASSWORD }),
  ).toMatchObject({
    ok: true,
  });

  world.clock.advance(900_001);
  for (let i = 0; i < 5; i += 1)
    await signIn(world.deps, { network: "192.0.2.1", login: `made up later ${i}`, password: "a guess" });
  expect((await entriesOf("session.refused")).length - before).toBe(3 + 5);
  expect(await tables.select().from(signInFailure)).toHaveLength(5);
});

test("what the journal keeps of a login can be compared while its secret stands, and by nobody once it is deleted", async () => {
  const login = "someone@fjordby.example";
  const digests = async () => {
    world.clock.advance(900_001);
    const before = (await entriesOf("session.refused")).length;
    for (let i = 0; i < 2; i += 1) await signIn(world.deps, { network: "192.0.2.1", login, password: "a guess" });
    const told = (await entriesOf("session.refused")).slice(before);
    return told.map((data) => Refused.parse(data).loginDigest);
  };
  const [first, second] = await digests();
  expect(first).toBe(second);
  for (const text of [login, `login ${login}`]) {
    expect(first).not.toBe(createHash("sha256").update(text).digest("hex"));
  }
  const { tables } = world.db.database;
  expect(await tables.select().from(loginKey)).toHaveLength(1);
  await tables.delete(loginKey);
  const [later] = await digests();
  expect(later).not.toBe(first);
  world.clock.advance(31 * 24 * 3_600_000);
  const [nextMonth] = await digests();
  expect(nextMonth).not.toBe(later);
  expect(await tables.select().from(loginKey)).toHaveLength(2);
});

test("hubs that need the month's secret at once agree on one", async () => {
  const { tables } = world.db.database;
  await tables.delete(loginKey);
  const deps = { tables, clock: world.clock, random: systemRandom };
  const all = await Promise.all(Array.from({ length: 8 }, () => digestOfLogin(deps, "lene")));
  expect(new Set(all).size).toBe(1);
});

test("an account needs a free login, a password worth the name, and roles that are bound where they must be", async () => {
  await make("taken@fjordby.example");
  const failure = async (login: string, change: Partial<NewAccount>) => {
    const made = await make(login, change);
    return made.ok ? "made" : made.failure.code;
  };
  expect(await failure("TAKEN@fjordby.example", {})).toBe("LOGIN_TAKEN");
  expect(await failure(" ", {})).toBe("LOGIN_INVALID");
  expect(await failure("a", { password: "123456789" })).toBe("PASSWORD_INVALID");
  expect(await failure("b", { password: "1234567890" })).toBe("made");
  expect(await failure("c", { roles: [{ role: "L" }] })).toBe("ROLES_INVALID");
  expect(await failure("d", { roles: [{ role: "G" }] })).toBe("ROLES_INVALID");
  expect(await failure("e", { roles: [{ role: "A" }, { role: "A" }] })).toBe("ROLES_INVALID");
});

test("a token is known until it is taken back or runs out, and the hub keeps only its digest", async () => {
  const dayMs = 24 * 3_600_000;
  const made = await createToken(world.deps, {
    tenant: world.tenant,
    name: "Care system",
    scopes: ["events:read"],
    lifeMs: dayMs,
  });
  if (!made.ok) throw new InvariantError(made.failure.code);
  const { text, publicId } = made.value;
  expect(text).toMatch(/^ptn_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$/);
  expect(isTokenText(text)).toBe(true);
  expect(isTokenText(`${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`)).toBe(false);
  const ask = async (secret: string) => {
    const header = (name: string) => (name === "authorization" ? `Bearer ${secret}` : undefined);
    const found = await world.authenticate({ header, body: new Uint8Array(), secure: true, address: "::1" });
    return found.ok ? found.value : found.failure.code;
  };
  const known = await ask(text);
  expect(known).toMatchObject({ kind: "token", scopes: ["events:read"], tenant: world.tenant, ambient: false });
  await vi.waitFor(async () => {
    const rows = await world.db.database.tables.select().from(apiToken);
    expect(rows.map((row) => row.lastUsedAt?.getTime())).toEqual([world.clock.now()]);
    expect(JSON.stringify(rows)).not.toContain(text);
  });
  expect(await revokeToken(world.deps, { tenant: world.tenant + 1, publicId })).toBe(false);
  expect(await revokeToken(world.deps, { tenant: world.tenant, publicId })).toBe(true);
  world.tail.poke();
  await vi.waitFor(() => expect(typeof known === "string" || known.ended.aborted).toBe(true));
  expect(await ask(text)).toBe("SESSION_EXPIRED");
  const short = await createToken(world.deps, {
    tenant: world.tenant,
    name: "Short",
    scopes: ["locks:read"],
    lifeMs: 1_000,
  });
  if (!short.ok) throw new InvariantError(short.failure.code);
  expect(await ask(short.value.text)).toMatchObject({ kind: "token" });
  world.clock.advance(1_000);
  expect(await ask(short.value.text)).toBe("SESSION_EXPIRED");
});

test("a token lives a year at most, has a scope and a name", async () => {
  const failure = async (change: object) => {
    const input = { tenant: world.tenant, name: "n", scopes: ["locks:read"] as const, lifeMs: 1_000, ...change };
    const made = await createToken(world.deps, input);
    return made.ok ? "made" : made.failure.code;
  };
  expect(await failure({ lifeMs: 366 * 86_400_000 })).toBe("made");
  expect(await failure({ lifeMs: 366 * 86_400_000 + 1 })).toBe("LIFE_INVALID");
  expect(await failure({ lifeMs: 0 })).toBe("LIFE_INVALID");
  expect(await failure({ scopes: [] })).toBe("SCOPES_INVALID");
  expect(await failure({ name: "" })).toBe("NAME_INVALID");
});
