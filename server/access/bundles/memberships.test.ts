import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { InvariantError } from "../../kernel/errors.ts";
import { systemRandom } from "../../kernel/random.ts";
import { townDatabase, type TownDatabase } from "../../simulation/town.ts";
import {
  endMembership,
  grantMembership,
  membershipsOfPersons,
  pathsOfBundles,
  bundlesByIds,
  type GrantInput,
} from "./index.ts";

let db: TownDatabase;
const HOUR_MS = 3_600_000;

beforeAll(async () => {
  db = await townDatabase();
});
afterAll(() => db.drop());

function deps() {
  return { database: db.database, hub: db.hub, clock: systemClock, random: systemRandom };
}

function grant(input: Partial<GrantInput> = {}) {
  return grantMembership(deps(), { tenant: db.tenant, employee: db.employee("temp"), bundle: "bundt-oest", ...input });
}

test("a membership is granted with its entry and its reason set apart, and ends with its entry", async () => {
  const granted = await grant({ reason: "afløser på Øst" });
  if (!granted.ok) throw new InvariantError(granted.failure.code);
  const { id, publicId, person, bundle } = granted.value;
  const [entry] = await db.database.raw`SELECT kind, person, data FROM journal ORDER BY seq DESC LIMIT 1`;
  expect(entry).toMatchObject({
    kind: "membership.granted",
    person,
    data: { membership: id, bundle, validUntil: null },
  });
  const texts = await db.database.raw`SELECT body FROM journal_text`;
  expect(texts).toEqual([{ body: "afløser på Øst" }]);
  expect(await grant()).toEqual({ ok: false, failure: { code: "MEMBER_ALREADY" } });

  const end = () => endMembership(deps(), { tenant: db.tenant, membership: publicId });
  expect(await end()).toMatchObject({ ok: true });
  const [last] = await db.database.raw`SELECT kind, data FROM journal ORDER BY seq DESC LIMIT 1`;
  expect(last).toEqual({ kind: "membership.ended", data: { membership: id, person, bundle } });
  expect(await end()).toEqual({ ok: false, failure: { code: "MEMBERSHIP_OVER" } });
  expect((await grant()).ok).toBe(true);
  expect(await membershipsOfPersons(db.database.tables, [person])).toHaveLength(2);
});

test("who is unknown, inactive, or of another tenant becomes no member, and a span must hold an instant", async () => {
  const inactive = db.employee("auditor");
  await db.database.raw`UPDATE person SET active = false WHERE external_id = ${inactive}`;
  expect(await grant({ employee: "NOBODY" })).toMatchObject({ failure: { code: "PERSON_UNKNOWN" } });
  expect(await grant({ tenant: db.tenant + 1 })).toMatchObject({ failure: { code: "PERSON_UNKNOWN" } });
  expect(await grant({ bundle: "nowhere" })).toMatchObject({ failure: { code: "BUNDLE_UNKNOWN" } });
  expect(await grant({ employee: inactive })).toMatchObject({ failure: { code: "PERSON_INACTIVE" } });
  const now = systemClock.now();
  expect(await grant({ bundle: "bundt-nord", from: now + HOUR_MS, until: now + HOUR_MS })).toMatchObject({
    failure: { code: "SPAN_EMPTY" },
  });
  expect(await endMembership(deps(), { tenant: db.tenant, membership: "nowhere" })).toMatchObject({
    failure: { code: "MEMBERSHIP_UNKNOWN" },
  });
});

test("of many grants of one right at once one stands", async () => {
  const employee = db.employee("depotWorker");
  const done = await Promise.all(Array.from({ length: 6 }, () => grant({ employee, bundle: "bundt-vest" })));
  expect(done.filter((each) => each.ok)).toHaveLength(1);
  for (const each of done) if (!each.ok) expect(each.failure).toEqual({ code: "MEMBER_ALREADY" });
});

test("a membership to come that is ended never begins", async () => {
  const from = systemClock.now() + HOUR_MS;
  const granted = await grant({ employee: db.employee("student"), bundle: "bundt-nord", from });
  if (!granted.ok) throw new InvariantError(granted.failure.code);
  await endMembership(deps(), { tenant: db.tenant, membership: granted.value.publicId });
  const [row] = (await membershipsOfPersons(db.database.tables, [granted.value.person])).slice(-1);
  expect(row?.validUntil).toEqual(row?.validFrom);
});

test("a bundle opens the paths that the file put into it", async () => {
  const [row] = await db.database.raw<{ id: number }[]>`SELECT id FROM bundle WHERE external_id = 'bundt-oest'`;
  const id = row?.id ?? 0;
  const expected = db.world.paths.filter((path) => path.bundles.includes("bundt-oest")).length;
  expect(await pathsOfBundles(db.database.tables, [id])).toHaveLength(expected);
  expect(await bundlesByIds(db.database.tables, [id])).toMatchObject([{ name: "øst" }]);
});
