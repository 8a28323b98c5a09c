import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { isUnavailable, openDatabase } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { digestOfSecret } from "../kernel/ids.ts";
import { startIdentityWorld, type IdentityWorld, type TestPhone } from "../simulation/identity-world.ts";
import { createEndSessions, signOut } from "./end-session.ts";
import { openPhoneSession, type OpenedSession } from "./open-session.ts";
import { SessionIndex } from "./session-index.ts";
import { endOpenSessions } from "./store/sessions.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
});
afterAll(() => world.stop());

async function phoneSession(): Promise<{ phone: TestPhone; session: OpenedSession }> {
  const phone = await world.addPhone();
  const opened = await openPhoneSession(world.deps, phone.credential);
  if (!opened.ok) throw new InvariantError(opened.failure.code);
  return { phone, session: opened.value };
}

test("ending a person's sessions ends those of the phone and of the dashboard, once, and no others", async () => {
  const { phone, session } = await phoneSession();
  const other = await phoneSession();
  const end = createEndSessions(world.clock);
  const { tables } = world.db.database;
  expect(await end(tables, { persons: [phone.person], credentials: [phone.credential] })).toEqual([session.session]);
  expect(await end(tables, { persons: [phone.person], credentials: [] })).toEqual([]);
  expect(await end(tables, { persons: [], credentials: [] })).toEqual([]);
  expect(await endOpenSessions(tables, { credentials: [other.phone.credential] }, new Date())).toEqual([
    other.session.session,
  ]);
});

test("an index whose tail is older than two seconds asks Postgres each time", async () => {
  const { session } = await phoneSession();
  let ageMs = 0;
  const index = new SessionIndex({ database: world.db.database, clock: world.clock, ageMs: () => ageMs });
  const find = () => index.find("session", digestOfSecret(session.token));
  expect(await find()).toMatchObject({ principal: { kind: "phone" } });
  await endOpenSessions(world.db.database.tables, { sessions: [session.session] }, new Date(world.clock.now()));
  ageMs = 2_000;
  expect(await find()).toMatchObject({ principal: { kind: "phone" } });
  ageMs = 2_001;
  expect(await find()).toBe("expired");
  index.stop();
});

test("of many who ask at once for a session nobody remembers, all lose it when it ends", async () => {
  const { session } = await phoneSession();
  const digest = digestOfSecret(session.token);
  const found = await Promise.all(Array.from({ length: 5 }, () => world.sessions.find("session", digest)));
  const principals = found.flatMap((each) => (typeof each === "string" ? [] : [each.principal]));
  expect(principals).toHaveLength(5);
  expect(new Set(principals).size).toBe(1);
  const [who] = principals;
  if (who?.kind !== "phone") throw new InvariantError("the phone is not known");
  expect(await signOut(world.deps, who)).toBe(true);
  world.tail.poke();
  await vi.waitFor(() => expect(principals.map((each) => each.ended.aborted)).toEqual(Array(5).fill(true)));
  expect(await world.sessions.find("session", digest)).toBe("expired");
});

test("a look-up behind an old tail that finds the session ended closes what lives by it", async () => {
  const { session } = await phoneSession();
  let ageMs = 0;
  const index = new SessionIndex({ database: world.db.database, clock: world.clock, ageMs: () => ageMs });
  const find = () => index.find("session", digestOfSecret(session.token));
  const found = await find();
  if (typeof found === "string") throw new InvariantError(found);
  ageMs = 2_001;
  await find();
  expect(found.principal.ended.aborted).toBe(false);
  await endOpenSessions(world.db.database.tables, { sessions: [session.session] }, new Date(world.clock.now()));
  expect(await find()).toBe("expired");
  expect(found.principal.ended.aborted).toBe(true);
  index.stop();
});

test("behind an old tail nobody is answered from a look-up that began before the session ended", async () => {
  const { session } = await phoneSession();
  const index = new SessionIndex({ database: world.db.database, clock: world.clock, ageMs: () => 2_001 });
  const find = () => index.find("session", digestOfSecret(session.token));
  const held = openDatabase(world.db.url);
  // The session is read before its credential, so that the early look-up stands between the two.
  const asked = await held.tables.transaction(async (tables) => {
    await tables.execute(sql`lock table credential in access exclusive mode`);
    const early = find();
    await vi.waitFor(async () => {
      const waiting = await tables.execute(
        sql`select 1 from pg_locks join pg_database on oid = database
            where datname = current_database() and not granted and relation = 'credential'::regclass`,
      );
      expect(waiting).toHaveLength(1);
    });
    await endOpenSessions(world.db.database.tables, { sessions: [session.session] }, new Date(world.clock.now()));
    return { early, late: Promise.all([find(), find()]) };
  });
  expect(await asked.early).toMatchObject({ principal: { kind: "phone" } });
  expect(await asked.late).toEqual(["expired", "expired"]);
  index.stop();
  await held.close();
});

test("without Postgres nobody new is known", async () => {
  const database = openDatabase("postgres://nobody@127.0.0.1:1/none");
  const index = new SessionIndex({ database, clock: world.clock, ageMs: () => 0 });
  const failure = await index.find("session", new Uint8Array(32)).catch((error: unknown) => error);
  expect(isUnavailable(failure)).toBe(true);
  index.stop();
  await database.close();
});
