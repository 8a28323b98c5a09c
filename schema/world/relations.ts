import { z } from "zod";
import { checkReference, checkUnique, soundEntries, type Entry, type Report } from "./references.ts";
import type { WorldMembership } from "./people.ts";
import type { DOOR_KINDS, WorldDoor, WorldPath } from "./places.ts";
import { World, WORLD_LISTS, type WorldList } from "./world.ts";

const RawLists = z.record(z.string(), z.unknown());
const RawList = z.array(z.unknown());
const RawEntry = z.looseObject({ externalId: z.string() });

const DEPTH_OF_KIND: Readonly<Record<(typeof DOOR_KINDS)[number], number>> = { gate: 0, stairwell: 1, flat: 2 };

/** Every list's raw items, and the external ids they name: a bad entry is still known, so it causes no second fault. */
function readRaw(value: unknown): {
  readonly items: (list: WorldList) => readonly unknown[];
  readonly known: (list: WorldList) => ReadonlySet<string>;
} {
  const raw = RawLists.safeParse(value);
  const lists = new Map(
    WORLD_LISTS.map((list) => [list, RawList.safeParse(raw.success ? raw.data[list] : undefined).data ?? []]),
  );
  const known = new Map(
    WORLD_LISTS.map((list) => {
      const entries = (lists.get(list) ?? []).map((item) => RawEntry.safeParse(item));
      return [list, new Set(entries.flatMap((entry) => (entry.success ? [entry.data.externalId] : [])))];
    }),
  );
  return { items: (list) => lists.get(list) ?? [], known: (list) => known.get(list) ?? new Set() };
}

/** Memberships of one employee in one bundle may follow each other but never overlap. */
function checkOverlaps(memberships: readonly Entry<WorldMembership>[], report: Report): void {
  const byPair = Map.groupBy(memberships, ({ value }) => `${value.employee} ${value.bundle}`);
  for (const group of byPair.values()) {
    const ordered = group.toSorted((a, b) => Date.parse(a.value.from) - Date.parse(b.value.from) || a.index - b.index);
    for (const [at, { index, value }] of ordered.entries()) {
      const earlier = ordered[at - 1];
      if (earlier === undefined) continue;
      const end = earlier.value.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(earlier.value.to);
      if (Date.parse(value.from) >= end) continue;
      const message = `overlaps memberships[${earlier.index}] of the same employee and bundle`;
      report({ path: ["memberships", index, "from"], code: "OVERLAP", message });
    }
  }
}

/** A path runs from the street inwards, ends at a flat, passes no door twice, and ends at its citizen's home. */
function checkPathDoors(
  { index, value: path }: Entry<WorldPath>,
  doors: ReadonlyMap<string, WorldDoor>,
  facts: { readonly home: string | undefined; readonly report: Report },
): void {
  const fault = (at: number, message: string): void =>
    facts.report({ path: ["paths", index, "doors", at], code: "BAD_PATH", message });
  let depth = 0;
  for (const [at, reference] of path.doors.entries()) {
    const last = at === path.doors.length - 1;
    if (path.doors.indexOf(reference) < at) fault(at, `passes \`${reference}\` twice`);
    const door = doors.get(reference);
    if (door === undefined) continue;
    if (last && door.kind !== "flat") fault(at, `ends at a ${door.kind}, not at a flat`);
    if (!last && door.kind === "flat") fault(at, "passes a flat before its end");
    if (DEPTH_OF_KIND[door.kind] < depth) fault(at, `a ${door.kind} can't stand behind a door further in`);
    depth = Math.max(depth, DEPTH_OF_KIND[door.kind]);
    const elsewhere = facts.home !== undefined && door.address !== facts.home;
    if (last && door.kind === "flat" && elsewhere) fault(at, "ends at a flat that is not the citizen's home");
  }
}

/** What the checks of one world share: its raw lists, and where faults go. */
class Relations {
  readonly report: Report;
  readonly #items: (list: WorldList) => readonly unknown[];
  readonly #known: (list: WorldList) => ReadonlySet<string>;

  constructor(value: unknown, report: Report) {
    this.report = report;
    const { items, known } = readRaw(value);
    this.#items = items;
    this.#known = known;
  }

  /** The sound entries of a list. */
  entries<Value>(list: WorldList, schema: z.ZodType<Value>): Entry<Value>[] {
    return soundEntries(schema, this.#items(list));
  }

  /** The sound entries of a list whose external ids must be unique. */
  named<Value extends { readonly externalId: string }>(list: WorldList, schema: z.ZodType<Value>): Entry<Value>[] {
    const entries = this.entries(list, schema);
    checkUnique({ list, field: "externalId", report: this.report }, entries, (entry) => entry.externalId);
    return entries;
  }

  /** Reports a reference at `path` to what `target` does not have. */
  refer(path: readonly (string | number)[], target: WorldList, reference: string | undefined): void {
    checkReference({ target, known: this.#known(target), report: this.report }, path, reference);
  }
}

function checkOrganisation(relations: Relations): void {
  const { shape } = World;
  relations.named("districts", shape.districts.element);
  relations.named("providers", shape.providers.element);
  const bundles = relations.named("bundles", shape.bundles.element);
  const { report } = relations;
  checkUnique({ list: "bundles", field: "name", report }, bundles, (bundle) => bundle.name);
  for (const { index, value: department } of relations.named("departments", shape.departments.element)) {
    relations.refer(["departments", index, "district"], "districts", department.district);
  }
  for (const { index, value: employee } of relations.named("employees", shape.employees.element)) {
    relations.refer(["employees", index, "department"], "departments", employee.department);
    relations.refer(["employees", index, "provider"], "providers", employee.provider);
  }
  const memberships = relations.entries("memberships", shape.memberships.element);
  for (const { index, value: membership } of memberships) {
    relations.refer(["memberships", index, "employee"], "employees", membership.employee);
    relations.refer(["memberships", index, "bundle"], "bundles", membership.bundle);
  }
  checkOverlaps(memberships, report);
}

function checkPlaces(relations: Relations): void {
  const { shape } = World;
  relations.named("housingCompanies", shape.housingCompanies.element);
  for (const { index, value: address } of relations.named("addresses", shape.addresses.element)) {
    relations.refer(["addresses", index, "district"], "districts", address.district);
  }
  const citizens = relations.named("citizens", shape.citizens.element);
  for (const { index, value: citizen } of citizens) {
    relations.refer(["citizens", index, "address"], "addresses", citizen.address);
  }
  const doors = relations.named("doors", shape.doors.element);
  for (const { index, value: door } of doors) {
    relations.refer(["doors", index, "address"], "addresses", door.address);
    relations.refer(["doors", index, "housingCompany"], "housingCompanies", door.housingCompany);
  }
  const homes = new Map(citizens.map(({ value: citizen }) => [citizen.externalId, citizen.address]));
  const doorById = new Map(doors.map(({ value: door }) => [door.externalId, door]));
  for (const entry of relations.named("paths", shape.paths.element)) {
    const { index, value: path } = entry;
    relations.refer(["paths", index, "citizen"], "citizens", path.citizen);
    for (const [at, door] of path.doors.entries()) relations.refer(["paths", index, "doors", at], "doors", door);
    for (const [at, bundle] of path.bundles.entries()) {
      relations.refer(["paths", index, "bundles", at], "bundles", bundle);
    }
    checkPathDoors(entry, doorById, { home: homes.get(path.citizen), report: relations.report });
  }
}

function checkLocks(relations: Relations): void {
  const { report } = relations;
  const locks = relations.entries("locks", World.shape.locks.element);
  checkUnique({ list: "locks", field: "serial", report }, locks, (lock) => lock.serial);
  checkUnique({ list: "locks", field: "door", report }, locks, (lock) => lock.door);
  checkUnique({ list: "locks", field: "claim", secret: true, report }, locks, (lock) => lock.claim);
  for (const { index, value: lock } of locks) relations.refer(["locks", index, "door"], "doors", lock.door);
}

/**
 * Everything that one entry alone can't show: doubled ids, references to nothing, paths that lead elsewhere,
 * memberships that overlap. Looks at the entries that are well formed by themselves.
 */
export function checkRelations(value: unknown, report: Report): void {
  const relations = new Relations(value, report);
  checkOrganisation(relations);
  checkPlaces(relations);
  checkLocks(relations);
}
