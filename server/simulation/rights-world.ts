import { entryFromRow, type JournalRow } from "../journal/wire.ts";
import type { EntryData, EntryKindName } from "@portner/schema/journal";
import type { AccessRows } from "../access/store/load.ts";
import type { RightsTables } from "./access-oracle.ts";

/** Numbers that a seed decides (mulberry32). */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** Sizes of a random world: small, so that everything meets everything. */
export const SIZES = { departments: 3, providers: 3, persons: 7, credentials: 9, doors: 7, paths: 5, bundles: 4 };

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** A small random town around `now`; every kind of right, fault and edge turns up. */
export function randomTables(seed: number, now: number): RightsTables {
  const roll = dice(seed);
  const near = (): number => now + (roll(41) - 20) * 1_000;
  const maybe = <Value>(value: Value): Value | null => (roll(2) === 0 ? value : null);
  const tenantOf = (): number => (roll(8) === 0 ? 2 : 1);
  const policies = ["off", "onePerson", "twoPersons"] as const;
  const forms = ["phone", "tablet", "smartkey"] as const;
  const pick = <Value>(values: readonly [Value, ...Value[]]): Value => values[roll(values.length)] ?? values[0];
  const withLock = range(SIZES.doors).filter(() => roll(7) > 0);
  const locks = withLock.map((door) => ({ id: door + 100, tenant: tenantOf(), door }));
  return {
    tenants: [1, 2].map((id) => ({ id, remoteOpen: pick(policies) })),
    locks,
    units: locks
      .filter(() => roll(8) > 0)
      .map(({ id }) => ({ id: id + 100, lock: id, decommissioned: roll(10) === 0, quarantined: roll(10) === 0 })),
    pathDoors: range(SIZES.paths).flatMap((path) =>
      range(1 + roll(3)).map((position) => ({ path, position, door: 1 + ((path + position * 2) % SIZES.doors) })),
    ),
    bundlePaths: range(SIZES.bundles).flatMap((bundle) =>
      range(SIZES.paths).flatMap((path) => (roll(3) === 0 ? [{ bundle, path }] : [])),
    ),
    providers: range(SIZES.providers).map((id) => ({ id, contractEnd: maybe(near()) })),
    persons: range(SIZES.persons).map((id) => {
      const provider = roll(3) === 0 ? 1 + roll(SIZES.providers) : null;
      const department = provider === null ? 1 + roll(SIZES.departments) : null;
      return { id, tenant: tenantOf(), department, provider, active: roll(8) > 0, visitsOnly: roll(6) === 0 };
    }),
    credentials: range(SIZES.credentials).map((id) => {
      const validFrom = roll(4) === 0 ? near() : now - 60_000;
      const person = 1 + roll(SIZES.persons);
      const validUntil = roll(4) === 0 ? near() : null;
      return { id, tenant: tenantOf(), person, form: pick(forms), generation: 1 + roll(3), validFrom, validUntil };
    }),
    memberships: range(14).map((id) => {
      const validFrom = roll(3) === 0 ? near() : now - 60_000;
      const validUntil = roll(3) === 0 ? near() : null;
      return { id, person: 1 + roll(SIZES.persons), bundle: 1 + roll(SIZES.bundles), validFrom, validUntil };
    }),
    blocks: [],
    lifts: [],
  };
}

/** The tables as the index reads them. `sequences` are the blocks' numbers in the journal. */
export function rowsOf(tables: RightsTables, sequences: ReadonlyMap<number, number>): AccessRows {
  const date = (at: number | null): Date | null => (at === null ? null : new Date(at));
  return {
    tenants: tables.tenants.map((tenant) => ({ ...tenant, publicId: publicIdOf("tenant", tenant.id) })),
    locks: tables.locks.map((lock) => ({ ...lock })),
    unitsInService: tables.units
      .filter((unit) => !unit.decommissioned)
      .map((unit) => ({ id: unit.id, lock: unit.lock, quarantinedAt: unit.quarantined ? new Date(0) : null })),
    pathDoors: tables.pathDoors.toSorted((a, b) => a.path - b.path || a.position - b.position),
    bundlePaths: [...tables.bundlePaths],
    providers: tables.providers.map(({ id, contractEnd }) => ({ id, contractEnd: date(contractEnd) })),
    persons: tables.persons.map((person) => ({ ...person })),
    credentials: tables.credentials.map((credential) => {
      return { ...credential, validFrom: new Date(credential.validFrom), validUntil: date(credential.validUntil) };
    }),
    memberships: tables.memberships.map((membership) => {
      return { ...membership, validFrom: new Date(membership.validFrom), validUntil: date(membership.validUntil) };
    }),
    blocks: tables.blocks.map((block) => ({
      ...block,
      placedAt: new Date(block.placedAt),
      denyUntil: new Date(block.denyUntil),
      sequence: sequences.get(block.id) ?? 0,
    })),
    lifts: tables.lifts.map((lift) => ({ ...lift })),
  };
}

/** A public identity that a test can tell from the key. */
export function publicIdOf(table: string, id: number): string {
  return `${table}-${String(id).padStart(8, "0")}`;
}

/** An entry as a reader of the journal gets it, decoded by the journal's own code. */
export function entryAt<Kind extends EntryKindName>(
  place: { readonly sequence: number; readonly at: number; readonly epoch?: number; readonly version?: number },
  kind: Kind,
  data: EntryData[Kind],
  subjects: { readonly tenant?: number; readonly lock?: number } = {},
): ReturnType<typeof entryFromRow> {
  const row: JournalRow = {
    seq: String(place.sequence),
    epoch: place.epoch ?? 1,
    entry_id: "00000000-0000-4000-8000-000000000000",
    tenant: subjects.tenant ?? null,
    kind,
    version: place.version ?? 1,
    occurred_at: new Date(place.at),
    recorded_at: new Date(place.at),
    hub: "00000000-0000-4000-8000-000000000001",
    rules_version: 1,
    decided_at_revision: null,
    lock: subjects.lock ?? null,
    unit: null,
    door: null,
    path: null,
    person: null,
    credential: null,
    actor: null,
    command: null,
    data,
  };
  return entryFromRow(row);
}
