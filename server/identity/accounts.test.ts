import { person, session } from "@portner/drizzle";
import { SESSIONS_PER_ENTRY_MAX } from "@portner/schema/journal";
import { and, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isForeign, readAfter } from "../journal/index.ts";
import { InvariantError } from "../kernel/errors.ts";
import { digestOfSecret, newSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { startIdentityWorld, type IdentityWorld } from "../simulation/identity-world.ts";
import { createAccount, endAccount } from "./accounts.ts";
import { signIn } from "./sign-in.ts";

const PASSWORD = "korrekt hest batteri";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
});
afterAll(() => world.stop());

async function account(login: string, whose?: number): Promise<number> {
  const roles = [{ role: "C", department: world.department }] as const;
  const made = await createAccount(world.deps, {
    ...{ tenant: world.tenant, login, name: "Lene", password: PASSWORD, roles },
    person: whose,
  });
  if (!made.ok) throw new InvariantError(made.failure.code);
  return made.value.id;
}

async function signedIn(login: string): Promise<{ token: string }> {
  const opened = await signIn(world.deps, { network: "192.0.2.1", login, password: PASSWORD });
  if (!opened.ok) throw new InvariantError(opened.failure.code);
  return opened.value;
}

const found = (token: string) => world.sessions.find("session", digestOfSecret(token));

test("an account that is ended loses every session on every hub at once, and nobody signs in with it", async () => {
  await account("leaves@fjordby.example");
  await account("stays@fjordby.example");
  const [one, other] = [await signedIn("leaves@fjordby.example"), await signedIn("leaves@fjordby.example")];
  const stays = await signedIn("stays@fjordby.example");
  const lookups = [await found(one.token), await found(stays.token)];
  const [going, staying] = lookups.flatMap((each) => (typeof each === "string" ? [] : [each.principal.ended]));
  const ended = await endAccount(world.deps, { tenant: world.tenant, login: " Leaves@Fjordby.example" });
  expect(ended).toEqual({ ok: true, value: { sessions: 2 } });
  world.tail.poke();
  await vi.waitFor(() => expect(going?.aborted).toBe(true));
  expect(staying?.aborted).toBe(false);
  for (const { token } of [one, other]) expect(await found(token)).toBe("expired");
  expect(await found(stays.token)).toMatchObject({ principal: { kind: "dashboard" } });
  expect(
    await signIn(world.deps, { network: "192.0.2.1", login: "leaves@fjordby.example", password: PASSWORD }),
  ).toMatchObject({
    failure: { code: "REFUSED" },
  });
});

test("an account ends once, and only for its own tenant", async () => {
  await account("once@fjordby.example");
  const end = (tenant: number, login = "once@fjordby.example") => endAccount(world.deps, { tenant, login });
  expect(await end(world.tenant + 1)).toEqual({ ok: false, failure: { code: "NOT_FOUND" } });
  expect(await end(world.tenant, "nobody@fjordby.example")).toEqual({ ok: false, failure: { code: "NOT_FOUND" } });
  const both = await Promise.all([end(world.tenant), end(world.tenant)]);
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await end(world.tenant)).toEqual({ ok: false, failure: { code: "ENDED_BEFORE" } });
});

test("more sessions than one entry may name are all named, in several", async () => {
  const id = await account("many@fjordby.example");
  const { tables, raw } = world.db.database;
  const now = world.clock.now();
  const rows = Array.from({ length: SESSIONS_PER_ENTRY_MAX + 1 }, () => ({
    tenant: world.tenant,
    form: "dashboard" as const,
    account: id,
    tokenDigest: digestOfSecret(newSecret(systemRandom)),
    createdAt: new Date(now),
    expiresAt: new Date(now + 60_000),
  }));
  await tables.insert(session).values(rows);
  const before = (await readAfter(raw, 0, 0)).headSequence;
  expect(await endAccount(world.deps, { tenant: world.tenant, login: "many@fjordby.example" })).toMatchObject({
    value: { sessions: SESSIONS_PER_ENTRY_MAX + 1 },
  });
  const { entries } = await readAfter(raw, before, 10);
  const told = entries.flatMap((each) => (!isForeign(each) && each.kind === "session.ended" ? [each.data] : []));
  expect(told.map(({ sessions }) => sessions.length)).toEqual([SESSIONS_PER_ENTRY_MAX, 1]);
  expect(
    await tables
      .select()
      .from(session)
      .where(and(eq(session.account, id), isNull(session.endedAt))),
  ).toEqual([]);
  const [changed] = entries;
  expect(changed).toMatchObject({
    kind: "account.changed",
    data: { active: false, roles: [{ role: "C", department: world.department, provider: null }] },
  });
});

test("the account of a person who left lets nobody in", async () => {
  const phone = await world.addPhone();
  await account("left@fjordby.example", phone.person);
  await signedIn("left@fjordby.example");
  await world.db.database.tables.update(person).set({ active: false }).where(eq(person.id, phone.person));
  expect(
    await signIn(world.deps, { network: "192.0.2.1", login: "left@fjordby.example", password: PASSWORD }),
  ).toMatchObject({
    failure: { code: "REFUSED" },
  });
});
