import { expect, test } from "vitest";
import { UNKNOWN_LOCK, problemsOf, type BoardEntry } from "../../../locks/index.ts";
import type { Attempt, AttemptEnd } from "./attempt.ts";
import { verdictOf } from "./lock-verdict.ts";
import { momentWords } from "./moment-words.ts";
import type { JudgedLock } from "./verdict-part.ts";

const NOW = Date.parse("2026-11-22T09:43:12Z");
const HEARD = NOW - 8_000;
const LOCKED = { ...UNKNOWN_LOCK, bolt: { value: "thrown" as const, at: NOW - 60_000 } };
const BOARD: BoardEntry = {
  ...{
    state: LOCKED,
    telemetry: undefined,
    telemetryAt: undefined,
    heardAt: HEARD,
    freshness: "live",
    doubtful: false,
  },
};

function lock(over: Partial<BoardEntry> = {}, more: Partial<JudgedLock> = {}): JudgedLock {
  const board = { ...BOARD, ...over };
  const examined = { board, inService: true, quarantinedAt: null, ...more };
  const freshness = examined.board?.freshness ?? "never";
  return { at: NOW, freshness, ...examined, problems: problemsOf(examined, NOW) };
}

function tried(end: AttemptEnd, over: Partial<Attempt> = {}): Attempt {
  return { at: NOW - 5_000, employee: "4711", remote: false, end, ...over };
}

const DENIED = tried({ outcome: "denied", reason: "NO_BASIS" });
const jammed = { ...LOCKED, bolt: { value: "between" as const, at: NOW - 9_000 }, jammedAt: NOW - 9_000 };

test.each<[string, JudgedLock, Attempt | undefined, { code: string; tone: string; da: string }]>([
  ["answers", lock(), undefined, { code: "ANSWERS", tone: "ok", da: "Låsen svarer, sidst hørt 10.43.04." }],
  [
    "answers, and somebody was refused",
    lock(),
    DENIED,
    {
      ...{ code: "ATTEMPT_DENIED", tone: "urgent" },
      da: "Låsen svarer, sidst hørt 10.43.04. Sidste forsøg 10.43.07: medarbejder 4711 blev afvist. Medarbejderen har ingen gyldig adgang til døren.",
    },
  ],
  [
    "answers, and somebody got in",
    lock(),
    tried({ outcome: "opened" }),
    {
      ...{ code: "ANSWERS", tone: "ok" },
      da: "Låsen svarer, sidst hørt 10.43.04. Sidste forsøg 10.43.07: medarbejder 4711 låste op.",
    },
  ],
  [
    "was refused to somebody yesterday",
    lock(),
    tried({ outcome: "denied", reason: "NO_BASIS" }, { at: NOW - 20 * 3_600_000 }),
    {
      ...{ code: "ANSWERS", tone: "ok" },
      da: "Låsen svarer, sidst hørt 10.43.04. Sidste forsøg 21.11 14.43.12: medarbejder 4711 blev afvist. Medarbejderen har ingen gyldig adgang til døren.",
    },
  ],
  [
    "is silent, whatever was tried",
    lock({ freshness: "silent", heardAt: NOW - 3_600_000 }),
    tried({ outcome: "unknown" }),
    {
      ...{ code: "SILENT", tone: "urgent" },
      da: "Låsen er tavs: sidst hørt 09.43.12. Alt om den er fra da. Sidste forsøg 10.43.07: medarbejder 4711: låsen svarede ikke; udfaldet kendes ikke.",
    },
  ],
  [
    "is late",
    lock({ freshness: "late", heardAt: NOW - 50_000 }),
    undefined,
    { code: "LATE", tone: "soon", da: "Låsen er forsinket: sidst hørt 10.42.22." },
  ],
  [
    "is jammed",
    lock({ state: jammed }),
    tried({ outcome: "jammed" }),
    {
      ...{ code: "JAMMED", tone: "urgent" },
      da: "Låsen svarer, sidst hørt 10.43.04. Den har siddet fast siden 10.43.03: riglen nåede ikke i mål. Sidste forsøg 10.43.07: medarbejder 4711: låsen sad fast.",
    },
  ],
  [
    "is quarantined",
    lock({}, { quarantinedAt: NOW - 60_000 }),
    undefined,
    {
      ...{ code: "QUARANTINED", tone: "urgent" },
      da: "Låsen opfører sig forkert, er sat i karantæne og åbner for ingen. Låsen svarer, sidst hørt 10.43.04.",
    },
  ],
  [
    "was never heard",
    lock({ freshness: "never", heardAt: undefined, state: UNKNOWN_LOCK }),
    undefined,
    { code: "NEVER_HEARD", tone: "unknown", da: "Låsen har aldrig meldt sig." },
  ],
  [
    "has no unit",
    lock({}, { inService: false, board: undefined }),
    undefined,
    { code: "NOT_IN_SERVICE", tone: "unknown", da: "Der er ingen lås i drift på døren." },
  ],
  [
    "answers and says nothing of its bolt",
    lock({ state: UNKNOWN_LOCK }),
    undefined,
    {
      ...{ code: "FACTS_UNKNOWN", tone: "unknown" },
      da: "Låsen svarer, sidst hørt 10.43.04. Om døren er låst, vides ikke.",
    },
  ],
  [
    "was tampered with and says one thing and another",
    lock({ doubtful: true, state: { ...LOCKED, tamperedAt: NOW - 1_000 } }),
    undefined,
    {
      ...{ code: "TAMPERED", tone: "urgent" },
      da: "Låsen svarer, sidst hørt 10.43.04. Nogen har forsøgt at pille ved den 10.43.11.",
    },
  ],
  [
    "lost events",
    lock({ state: { ...LOCKED, lostEvents: 3, lostAt: NOW - 60_000 } }),
    undefined,
    { code: "EVENTS_LOST", tone: "soon", da: "Låsen svarer, sidst hørt 10.43.04. Den har mistet hændelser." },
  ],
])("a lock that %s", (_name, judged, attempt, expected) => {
  const verdict = verdictOf(judged, attempt);
  expect(verdict).toMatchObject(expected);
  expect(verdict.en).toMatch(/^(The|There)/);
  expect(verdict.parts[0]?.code).toBe(verdict.code);
});

test("the advice is about the worst that has one, and tells whom to turn to", () => {
  expect(verdictOf(lock(), DENIED).advice).toMatchObject({
    route: "coordinator",
    da: "Bed din koordinator om adgang.",
  });
  expect(verdictOf(lock({ freshness: "silent" }), DENIED).advice).toMatchObject({ route: "locksmith" });
  expect(verdictOf(lock(), undefined).advice).toBeUndefined();
});

test("the advice about a jam says that the door may be unlocked", () => {
  expect(verdictOf(lock({ state: jammed }), undefined).advice).toMatchObject({
    route: "locksmith",
    da: expect.stringContaining("døren kan være ulåst"),
    en: expect.stringContaining("the door may be unlocked"),
  });
});

test("who may not see the chain is told that somebody was refused, and not why", () => {
  const verdict = verdictOf(lock(), tried({ outcome: "denied", reason: undefined }, { employee: undefined }));
  expect(verdict.da).toMatch(/en medarbejder blev afvist\.$/);
  expect(verdict.advice).toBeUndefined();
});

test("an opening from here names no employee", () => {
  expect(verdictOf(lock(), tried({ outcome: "expired" }, { remote: true })).da).toMatch(
    /åbning herfra: kommandoen nåede ikke frem i tide\.$/,
  );
});

test("a time of the hour that comes twice says which of the two it is", () => {
  const first = Date.parse("2026-10-25T00:30:00Z");
  expect(momentWords(first, first)).toEqual({ da: "02.30.00 (+02:00)", en: "02:30:00 (+02:00)" });
});

test("a part says since when, where the hub knows it", () => {
  const { parts } = verdictOf(lock({ state: jammed }, { quarantinedAt: NOW - 60_000 }), undefined);
  const since = new Map(parts.map((part) => [part.code, part.since]));
  expect([since.get("JAMMED"), since.get("QUARANTINED")]).toEqual([NOW - 9_000, NOW - 60_000]);
});
