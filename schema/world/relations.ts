import { z } from "zod";
import { checkReference, checkUnique, soundEntries, type Entry, type Report } from "./references.ts";
import type { WorldMembership } from "./people.ts";
import type { DOOR_KINDS, WorldDoor, WorldPath } from "./places.ts";
import { World, WORLD_LISTS, type WorldList } from "./world.ts";

const RawLists = z.record(z.string(), z.unknown());
const RawList = z.array(z.unknown());
const RawEntry = z.looseObject({ externalId: z.union([z.string(), z.number().transform(String)]) });

const DEPTH_OF_KIND: Readonly<Record<(typeof DOOR_KINDS)[number], number>> = { gate: 0, stairwell: 1, flat: 2 };

/** A list before its entries are judged. */
interface RawWorldList {
  readonly items: readonly unknown[];
  /** The external ids it names, those of bad entries too; undefined where it can't be told which it was to have. */
  readonly known: ReadonlySet<string> | undefined;
}

/** Reads every list such that a bad entry, or a list that is none, causes no second fault where others refer to it. */
function readRaw(value: unknown): ReadonlyMap<WorldList, RawWorldList> {
  const raw = RawLists.safeParse(value);
  return new Map(
    WORLD_LISTS.map((list) => {
      const items = RawList.safeParse(raw.success ? raw.data[list] : undefined).data;
      const ids = items?.map((item) => RawEntry.safeParse(item).data?.externalId);
      return [list, { items: items ?? [], known: ids?.includes(undefined) === false ? namesOf(ids) : undefined }];
    }),
  );
}

function namesOf(ids: readonly (string | undefined)[]): ReadonlySet<string> {
  return new Set(ids.flatMap((id) => id ?? []));
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

/** What a path is judged by; an address is undefined where it is not sound itself. */
interface PathFacts {
  readonly doors: ReadonlyMap<string, { readonly kind: WorldDoor["kind"]; readonly address: string | undefined }>;
  readonly home: string | undefined;
}

/** A path runs from the street inwards, ends at a flat, passes no door twice, and ends at its citizen's home. */
function checkPathDoors({ index, value: path }: Entry<WorldPath>, { doors, home }: PathFacts, report: Report): void {
  let depth = 0;
  for (const [at, reference] of path.doors.entries()) {
    const door = doors.get(reference);
    const isLast = at === path.doors.length - 1;
    const isTwice = path.doors.indexOf(reference) < at;
    const message = isTwice ? `passes \`${reference}\` twice` : door && misplaced(door, { isLast, depth, home });
    if (message !== undefined) report({ path: ["paths", index, "doors", at], code: "BAD_PATH", message });
    if (door !== undefined) depth = Math.max(depth, DEPTH_OF_KIND[door.kind]);
  }
}

function misplaced(
  { kind, address }: { readonly kind: WorldDoor["kind"]; readonly address: string | undefined },
  { isLast, depth, home }: { readonly isLast: boolean; readonly depth: number; readonly home: string | undefined },
): string | undefined {
  if (isLast && kind !== "flat") return `ends at a ${kind}, not at a flat`;
  if (!isLast && kind === "flat") return "passes a flat before its end";
  if (DEPTH_OF_KIND[kind] < depth) return `a ${kind} can't stand behind a door further in`;
  const isElsewhere = address !== undefined && home !== undefined && address !== home;
  return isLast && isElsewhere ? "ends at a flat that is not the citizen's home" : undefined;
}

/** An entry that others refer to. */
interface Named {
  readonly externalId: string;
}

/** The entries by their ids, without those that share one: nobody knows which of them is meant. */
function byId<Value extends Named, Fact>(
  entries: readonly Entry<Value>[],
  read: (value: Value) => Fact,
): ReadonlyMap<string, Fact> {
  const groups = Map.groupBy(entries, ({ value }) => value.externalId);
  return new Map([...groups].flatMap(([id, [first, second]]) => (first && !second ? [[id, read(first.value)]] : [])));
}

/** What the checks of one world share: its raw lists, and where faults go. */
class Relations {
  readonly report: Report;
  readonly #lists: ReadonlyMap<WorldList, RawWorldList>;

  constructor(value: unknown, report: Report) {
    this.report = report;
    this.#lists = readRaw(value);
  }

  /** The sound entries of a list. */
  entries<Value>(list: WorldList, schema: z.ZodType<Value>): Entry<Value>[] {
    return soundEntries(schema, this.#lists.get(list)?.items ?? []);
  }

  /** The sound entries of a list whose external ids must be unique. */
  named<Value extends Named>(list: WorldList, schema: z.ZodType<Value>): Entry<Value>[] {
    const entries = this.entries(list, schema);
    checkUnique({ list, report: this.report }, entries, [{ field: "externalId", read: (entry) => entry.externalId }]);
    return entries;
  }

  /** An address that others may be judged by: undefined when it is not in the list. */
  soundAddress(address: string): string | undefined {
    return this.#lists.get("addresses")?.known?.has(address) === true ? address : undefined;
  }

  /** Reports a reference at `path` to what `target` does not have. */
  refer(path: readonly (string | number)[], target: WorldList, reference: string | undefined): void {
    const known = this.#lists.get(target)?.known;
    if (known !== undefined) checkReference({ target, known, report: this.report }, path, reference);
  }
}

function checkOrganisation(relations: Relations): void {
  const { shape } = World;
  relations.named("districts", shape.districts.element);
  relations.named("providers", shape.providers.element);
  const { report } = relations;
  checkUnique({ list: "bundles", report }, relations.entries("bundles", shape.bundles.element), [
    { field: "externalId", read: (bundle) => bundle.externalId },
    { field: "name", read: (bundle) => bundle.name },
  ]);
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
  const homes = byId(citizens, ({ address }) => relations.soundAddress(address));
  const doorById = byId(doors, ({ kind, address }) => ({ kind, address: relations.soundAddress(address) }));
  for (const entry of relations.named("paths", shape.paths.element)) {
    const { index, value: path } = entry;
    relations.refer(["paths", index, "citizen"], "citizens", path.citizen);
    for (const [at, door] of path.doors.entries()) relations.refer(["paths", index, "doors", at], "doors", door);
    for (const [at, bundle] of path.bundles.entries()) {
      relations.refer(["paths", index, "bundles", at], "bundles", bundle);
    }
    checkPathDoors(entry, { doors: doorById, home: homes.get(path.citizen) }, relations.report);
  }
}

function checkLocks(relations: Relations): void {
  const { report } = relations;
  const locks = relations.entries("locks", World.shape.locks.element);
  checkUnique({ list: "locks", report }, locks, [
    { field: "serial", read: (lock) => lock.serial },
    { field: "door", read: (lock) => lock.door },
    { field: "claim", isSecret: true, read: (lock) => lock.claim },
  ]);
  for (const { index, value: lock } of locks) relations.refer(["locks", index, "door"], "doors", lock.door);
}

/**
 * Everything that one entry alone can't show: doubled ids, references to nothing, paths that lead elsewhere,
 * memberships that overlap. Looks at the entries that are well formed by themselves, and judges none by a faulty part
 * of another, so that each cause is told once.
 */
export function checkRelations(value: unknown, report: Report): void {
  const relations = new Relations(value, report);
  checkOrganisation(relations);
  checkPlaces(relations);
  checkLocks(relations);
}
