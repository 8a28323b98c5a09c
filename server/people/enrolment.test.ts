import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { systemRandom } from "../kernel/random.ts";
import { WrongTries } from "../kernel/wrong-tries.ts";
import { FULL_SIGHT } from "../simulation/full-sight.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { closePerson, CODE_LIFE_MS, enrolPhone, issueEnrolmentCode, personByExternalId } from "./index.ts";

let db: TownDatabase;
let carer: string;

beforeAll(async () => {
  db = await townDatabase();
  carer = db.employee("sosuAssistant");
});
afterAll(() => db.drop());

/** The machine's clock, shifted. */
function shifted(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + ms, monotonic: () => systemClock.monotonic() + ms };
}

function phone(): { publicKey: string; model: string; address: string } {
  const publicKey = Buffer.from(systemRandom.bytes(32)).toString("base64url");
  return { publicKey, model: "Fjordfon 3", address: "10.0.0.1" };
}

function deps(clock: Clock = systemClock) {
  return {
    database: db.database,
    hub: db.hub,
    clock,
    random: systemRandom,
    wrongCodes: new WrongTries(clock),
    sight: FULL_SIGHT,
  };
}

async function codeFor(employee: string): Promise<string> {
  const issued = await issueEnrolmentCode(deps(), { tenant: db.tenant, employee });
  if (!issued.ok) throw new InvariantError(issued.failure.code);
  return issued.value.code;
}

async function failureOf(enrolling: ReturnType<typeof enrolPhone>): Promise<string | undefined> {
  const done = await enrolling;
  return done.ok ? undefined : done.failure.code;
}

test("a phone with a fresh code becomes a credential, with its entry, and the code is spent", async () => {
  const code = await codeFor(carer);
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
  const mine = phone();
  const done = await enrolPhone(deps(), { ...mine, code });
  const person = await personByExternalId(db.database.tables, { tenant: db.tenant, externalId: carer });
  expect(done).toMatchObject({ ok: true, value: { generation: 1, form: "phone", person: person?.id } });
  const entries = await db.database
    .raw`SELECT kind, person, credential, decided_at_revision FROM journal ORDER BY seq DESC LIMIT 2`;
  expect(entries).toMatchObject([
    { kind: "credential.enrolled", person: person?.id, credential: done.ok ? done.value.id : 0 },
    { kind: "enrolment.offered", person: person?.id },
  ]);
  expect(await failureOf(enrolPhone(deps(), { ...phone(), code }))).toBe("CODE_USED");
});

test("a code is read as people type it, and stands in the database as a digest only", async () => {
  const code = await codeFor(carer);
  const typed = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `;
  const [row] = await db.database.raw<
    { digest: Uint8Array }[]
  >`SELECT digest FROM enrolment_code ORDER BY id DESC LIMIT 1`;
  expect(row?.digest).toHaveLength(32);
  expect(await failureOf(enrolPhone(deps(), { ...phone(), code: typed }))).toBeUndefined();
});

test("of many phones with one code exactly one is enrolled", async () => {
  const code = await codeFor(carer);
  const shared = deps();
  const tries = await Promise.all(Array.from({ length: 8 }, () => failureOf(enrolPhone(shared, { ...phone(), code }))));
  expect(tries.toSorted()).toEqual([...Array.from({ length: 7 }, () => "CODE_USED"), undefined]);
  const [row] = await db.database
    .raw`SELECT count(*)::integer AS n FROM credential c JOIN enrolment_code e ON e.credential = c.id GROUP BY e.id ORDER BY e.id DESC LIMIT 1`;
  expect(row).toEqual({ n: 1 });
});

test("a code ends after a quarter of an hour, and with the next code of the same person", async () => {
  const first = await codeFor(carer);
  const second = await codeFor(carer);
  expect(await failureOf(enrolPhone(deps(), { ...phone(), code: first }))).toBe("CODE_EXPIRED");
  expect(await failureOf(enrolPhone(deps(shifted(CODE_LIFE_MS)), { ...phone(), code: second }))).toBe("CODE_EXPIRED");
  expect(
    await failureOf(enrolPhone(deps(shifted(CODE_LIFE_MS - 60_000)), { ...phone(), code: second })),
  ).toBeUndefined();
});

test("a key that another credential has, or that is none, is refused and leaves the code unspent", async () => {
  const mine = phone();
  expect(await failureOf(enrolPhone(deps(), { ...mine, code: await codeFor(carer) }))).toBeUndefined();
  const code = await codeFor(carer);
  expect(await failureOf(enrolPhone(deps(), { ...mine, code }))).toBe("KEY_IN_USE");
  for (const publicKey of ["", "AAAA", `${mine.publicKey}A`, mine.publicKey.replace(/.$/, "_")]) {
    expect(await failureOf(enrolPhone(deps(), { ...mine, publicKey, code }))).toBe("KEY_INVALID");
  }
  expect(await failureOf(enrolPhone(deps(), { ...phone(), model: "a\nb", code }))).toBe("MODEL_INVALID");
  expect(await failureOf(enrolPhone(deps(), { ...phone(), code }))).toBeUndefined();
});

test("wrong codes make an address wait, and no other", async () => {
  const one = deps();
  const wrong = (address: string) => failureOf(enrolPhone(one, { ...phone(), address, code: "0000-0000-0000" }));
  for (let tries = 0; tries < 10; tries += 1) expect(await wrong("10.0.0.7")).toBe("CODE_UNKNOWN");
  const code = await codeFor(carer);
  expect(await enrolPhone(one, { ...phone(), address: "10.0.0.7", code })).toMatchObject({
    ok: false,
    failure: { code: "TOO_MANY_TRIES", retryAfterMs: expect.any(Number) },
  });
  expect(await failureOf(enrolPhone(one, { ...phone(), address: "10.0.0.8", code }))).toBeUndefined();
});

test("nobody gets a code for who is unknown, inactive or another tenant's", async () => {
  const issue = (employee: string, tenant = db.tenant) => issueEnrolmentCode(deps(), { tenant, employee });
  expect(await issue("NOBODY")).toEqual({ ok: false, failure: { code: "PERSON_UNKNOWN" } });
  expect(await issue(carer, db.tenant + 1)).toEqual({ ok: false, failure: { code: "PERSON_UNKNOWN" } });
});

test("a person who is closed can't use the code in hand, and every session ends in the same transaction", async () => {
  const nurse = db.employee("nurse");
  const code = await codeFor(nurse);
  const endSessions = (_tables: unknown, { persons }: { readonly persons: readonly number[] }) =>
    Promise.resolve(persons);
  const close = () => closePerson({ ...deps(), endSessions }, { tenant: db.tenant, employee: nurse });
  expect(await close()).toMatchObject({ ok: true });
  const kinds = await db.database.raw`SELECT kind FROM journal ORDER BY seq DESC LIMIT 2`;
  expect(kinds).toEqual([{ kind: "session.ended" }, { kind: "person.closed" }]);
  expect(await failureOf(enrolPhone(deps(), { ...phone(), code }))).toBe("PERSON_INACTIVE");
  expect(await issueEnrolmentCode(deps(), { tenant: db.tenant, employee: nurse })).toMatchObject({
    failure: { code: "PERSON_INACTIVE" },
  });
  expect(await close()).toEqual({ ok: false, failure: { code: "PERSON_CLOSED" } });
});

test("enrolments during a storm of closings are decided anew, never on old ground", async () => {
  const staff = db.world.employees.filter((each) => each.active && each.profession === "sosuHelper").slice(0, 4);
  const codes = await Promise.all(staff.map((each) => codeFor(each.externalId)));
  const endSessions = () => Promise.resolve([]);
  const [outcomes] = await Promise.all([
    Promise.all(codes.map((code) => failureOf(enrolPhone(deps(), { ...phone(), code })))),
    ...staff
      .slice(0, 2)
      .map((each) => closePerson({ ...deps(), endSessions }, { tenant: db.tenant, employee: each.externalId })),
  ]);
  expect(outcomes.slice(2)).toEqual([undefined, undefined]);
  const rows = await db.database.raw<{ seq: string; kind: string; at: string | null }[]>`
    SELECT seq, kind, decided_at_revision AS at FROM journal ORDER BY seq`;
  let revokedAt = 0;
  for (const row of rows) {
    if (["person.closed", "world.imported", "session.ended"].includes(row.kind)) revokedAt = Number(row.seq);
    if (row.kind === "credential.enrolled") expect(Number(row.at)).toBeGreaterThanOrEqual(revokedAt);
  }
});
