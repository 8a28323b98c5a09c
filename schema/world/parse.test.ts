import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WORLD_FAULTS_SHOWN_MAX } from "./limits.ts";
import { CLAIM, faultsOf, hamlet, pretty } from "./hamlet.ts";
import { parseWorld } from "./parse.ts";
import type { World } from "./world.ts";

/** The line, counted from 1, on which `needle` stands for the nth time. */
function lineOf(text: string, needle: string, nth = 1): number {
  const lines = text.split("\n").flatMap((line, at) => (line.includes(needle) ? [at + 1] : []));
  return lines[nth - 1] ?? 0;
}

test("a sound file is read as it stands", () => {
  const reading = parseWorld(pretty(() => undefined));
  expect(reading).toEqual({ ok: true, world: hamlet() });
});

test("every fault of a file is told at once, each with its own line", () => {
  const text = pretty((world) => {
    world.departments.push({ externalId: "A-1", name: "X", kind: "night", ean: "5790000000005", ownStaff: true });
    Object.assign(world.employees[0] ?? {}, { department: "A-9" });
    world.doors[0] = { externalId: "DR-1", kind: "stairwell", address: "S-nowhere" };
    world.paths.push({ externalId: "P-2", citizen: "C-1", doors: ["DR-1"], bundles: ["B-1"] });
    world.locks.push({
      serial: "PX-000002",
      model: "Portner M1",
      door: "DR-1",
      claim: CLAIM,
      legalBasis: "SEL § 112",
      consent: { reference: "Sag 26-2", date: "2026-02-30" },
    });
    world.memberships.push({ employee: "HJP002", bundle: "B-1", from: "2026-10-25T02:30:00" });
  });
  expect(faultsOf(text)).toEqual([
    `${lineOf(text, '"A-1"', 2)} departments[1].externalId DOUBLED`,
    `${lineOf(text, '"A-9"')} employees[0].department UNKNOWN_REFERENCE`,
    `${lineOf(text, '"2026-10-25T02:30:00"')} memberships[1].from BAD_VALUE`,
    `${lineOf(text, "S-nowhere")} doors[0].address UNKNOWN_REFERENCE`,
    `${lineOf(text, '"DR-1"', 3)} paths[1].doors[0] BAD_PATH`,
    `${lineOf(text, "2026-02-30")} locks[1].consent.date BAD_VALUE`,
  ]);
});

test("a claim used twice is refused and never quoted", () => {
  const text = pretty((world) => {
    const [lock] = world.locks;
    if (lock !== undefined) world.locks.push({ ...lock, serial: "PX-000002", door: "DR-1" });
  });
  const reading = parseWorld(text);
  expect(faultsOf(text)).toEqual([`${lineOf(text, CLAIM, 2)} locks[1].claim DOUBLED`]);
  expect(JSON.stringify(reading)).not.toContain(CLAIM);
});

test.each<[string, (world: World) => void, string]>([
  ["an unknown field", (w) => Object.assign(w.tenant, { cpr: "x" }), "tenant.cpr UNKNOWN_FIELD"],
  [
    "a field named __proto__",
    (w) => Object.defineProperty(w.tenant, "__proto__", { value: 1, enumerable: true }),
    "tenant.__proto__ UNKNOWN_FIELD",
  ],
  ["a tenant id with capitals", (w) => Object.assign(w.tenant, { id: "Fjordby-1" }), "tenant.id BAD_VALUE"],
  ["an EAN with a wrong check digit", (w) => Object.assign(w.tenant, { ean: "5790000000006" }), "tenant.ean BAD_VALUE"],
  [
    "no employer",
    (w) => w.employees.push({ externalId: "x", name: "X", profession: "nurse", active: true }),
    "employees[2] BAD_VALUE",
  ],
  [
    "a CPR number as id",
    (w) =>
      w.citizens.push({
        externalId: "010203-1234",
        name: "X",
        entryReason: "cannotOpen",
        emergencyCall: false,
        address: "S-1",
      }),
    "citizens[1].externalId BAD_VALUE",
  ],
  [
    "a decomposed å",
    (w) => Object.assign(w.districts[0] ?? {}, { name: "A\u030Ahavn" }),
    "districts[0].name BAD_VALUE",
  ],
  [
    "white space at the end of a name",
    (w) => Object.assign(w.districts[0] ?? {}, { name: "Øst " }),
    "districts[0].name BAD_VALUE",
  ],
  [
    "half a surrogate pair",
    (w) => Object.assign(w.districts[0] ?? {}, { name: "a\ud800b" }),
    "districts[0].name BAD_VALUE",
  ],
  ["a path that passes a flat", (w) => w.paths[0]?.doors.unshift("DR-2"), "paths[0].doors[0] BAD_PATH"],
  [
    "a path to somebody else's home",
    (w) => Object.assign(w.citizens[0] ?? {}, { address: "S-1" }),
    "paths[0].doors[1] BAD_PATH",
  ],
  [
    "memberships that overlap",
    (w) => w.memberships.push({ employee: "HJP001", bundle: "B-1", from: "2026-12-01T00:00:00Z" }),
    "memberships[1].from OVERLAP",
  ],
  [
    "a membership that ends before it starts",
    (w) => Object.assign(w.memberships[0] ?? {}, { to: "2026-10-25T00:30:00Z" }),
    "memberships[0].to BAD_VALUE",
  ],
  [
    "two locks on a door",
    (w) => w.locks[0] && w.locks.push({ ...w.locks[0], serial: "PX-2", claim: "B".repeat(43) }),
    "locks[1].door DOUBLED",
  ],
  ["another version", (w) => Object.assign(w, { version: 2 }), "version BAD_VALUE"],
])("%s is a fault", (_name, change, expected) => {
  const found = faultsOf(pretty(change)).map((fault) => fault.replace(/^\d+ /, ""));
  expect(found).toContain(expected);
});

test("a name that stands twice in one object is a fault on the second one's line", () => {
  const text = pretty(() => undefined).replace('"bundle": "B-1",', '"bundle": "B-2",\n"bundle": "B-1",');
  expect(faultsOf(text)).toEqual([`${lineOf(text, '"bundle": "B-1"')} memberships[0].bundle DOUBLED_NAME`]);
});

test("an entry with a fault is still known to what refers to it", () => {
  const text = pretty((world) => Object.assign(world.bundles[0] ?? {}, { name: "" }));
  expect(faultsOf(text)).toEqual([`${lineOf(text, '"name": ""')} bundles[0].name BAD_VALUE`]);
});

test("more faults than a person reads are counted, and the first are shown", () => {
  const text = pretty((world) => {
    for (let n = 0; n < 10_500; n += 1) world.districts.push({ externalId: `X ${n}`, name: "x" });
  });
  const reading = parseWorld(text);
  expect(reading.ok ? 0 : [reading.faults.length, reading.total]).toEqual([WORLD_FAULTS_SHOWN_MAX, 10_500]);
});

test.each([
  ["", 1],
  ["[]", 1],
  ['{\n"version": 1,\n}', 3],
  ['{\n"version": 01}', 2],
  ['{\n\n"a": "\u0001"}', 3],
  ['{"a": 1}\n{"b": 1}', 2],
  [`{"a":\n${"[".repeat(100_000)}`, 2],
  [`\n"${"x".repeat(5_000_000)}`, 2],
])("text %# that is no world is refused with a line", (text, line) => {
  const reading = parseWorld(text);
  expect(reading.ok ? "read" : reading.faults[0]?.line).toBe(line);
});

test("no text at all makes the reader throw, and JSON is refused exactly when JSON.parse refuses it", () => {
  const texts = fc.oneof(fc.json(), fc.string(), fc.string({ unit: fc.constantFrom(...'{}[]",:1-.e0tn\\u \n') }));
  fc.assert(
    fc.property(texts, (text) => {
      const notJson = faultsOf(text).some((fault) => fault.endsWith("NOT_JSON"));
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      expect(notJson).toBe(!parses);
    }),
    { numRuns: 3_000, verbose: 1 },
  );
});
