import { afterAll, beforeAll, expect, test } from "vitest";
import { isUnavailable, openDatabase } from "../kernel/database.ts";
import { digestOfSecret } from "../kernel/ids.ts";
import { startIdentityWorld, type IdentityWorld, type TestPhone } from "../simulation/identity-world.ts";
import { createEndSessions } from "./end-session.ts";
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
  if (!opened.ok) throw new TypeError(opened.failure.code);
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

test("without Postgres nobody new is known", async () => {
  const database = openDatabase("postgres://nobody@127.0.0.1:1/none");
  const index = new SessionIndex({ database, clock: world.clock, ageMs: () => 0 });
  const failure = await index.find("session", new Uint8Array(32)).catch((error: unknown) => error);
  expect(isUnavailable(failure)).toBe(true);
  index.stop();
  await database.close();
});
