import { subjectKey, type BlockFacts, type LockFacts, type MembershipFacts, type MovableFacts } from "./facts.ts";
import type { AccessRows } from "./store/load.ts";

/** Builds the index's facts from the rows of one snapshot. */
export function factsFromRows(rows: AccessRows): MovableFacts {
  return {
    tenants: new Map(rows.tenants.map(({ id, ...tenant }) => [id, tenant])),
    locks: locksFrom(rows),
    lockOfDoor: new Map(rows.locks.map((lock) => [lock.door, lock.id])),
    doorsOfPath: gathered(rows.pathDoors, (row) => [row.path, row.door]),
    pathsOfDoor: gathered(rows.pathDoors, (row) => [row.door, row.path]),
    bundlesOfPath: gathered(rows.bundlePaths, (row) => [row.path, row.bundle]),
    credentials: new Map(
      rows.credentials.map(({ id, validFrom, validUntil, ...credential }) => {
        return [id, { ...credential, validFrom: validFrom.getTime(), validUntil: validUntil?.getTime() ?? null }];
      }),
    ),
    persons: new Map(rows.persons.map(({ id, ...person }) => [id, person])),
    contractEnds: new Map(rows.providers.map((provider) => [provider.id, provider.contractEnd?.getTime() ?? null])),
    memberships: membershipsFrom(rows),
    blocks: blocksFrom(rows),
    newestBlock: newestBlocksFrom(rows),
    liftsAhead: liftsAheadFrom(rows),
  };
}

function locksFrom(rows: AccessRows): Map<number, LockFacts> {
  const units = new Map(rows.unitsInService.map((unit) => [unit.lock, unit]));
  return new Map(
    rows.locks.map(({ id, tenant, door }) => {
      const unit = units.get(id);
      const quarantined = unit !== undefined && unit.quarantinedAt !== null;
      return [id, { tenant, door, unit: unit?.id ?? null, quarantined }];
    }),
  );
}

function membershipsFrom(rows: AccessRows): Map<number, Map<number, MembershipFacts>> {
  const byPerson = new Map<number, Map<number, MembershipFacts>>();
  for (const { id, person, bundle, validFrom, validUntil } of rows.memberships) {
    const mine = byPerson.get(person) ?? new Map<number, MembershipFacts>();
    const until = validUntil?.getTime() ?? null;
    byPerson.set(person, mine.set(id, { bundle, validFrom: validFrom.getTime(), validUntil: until, ended: false }));
  }
  return byPerson;
}

function blocksFrom(rows: AccessRows): Map<string, Map<number, BlockFacts>> {
  const bySubject = new Map<string, Map<number, BlockFacts>>();
  const lifted = new Set(rows.lifts.map((lift) => lift.block));
  for (const block of rows.blocks) {
    if (lifted.has(block.id)) continue;
    const key = subjectKey(block.subjectType, block.subject);
    const blocks = bySubject.get(key) ?? new Map<number, BlockFacts>();
    const { placedAt, denyUntil, sequence } = block;
    const facts = { placedAt: placedAt.getTime(), denyUntil: denyUntil.getTime(), sequence };
    bySubject.set(key, blocks.set(block.id, facts));
  }
  return bySubject;
}

function liftsAheadFrom(rows: AccessRows): Set<number> {
  const blocks = new Set(rows.blocks.map((block) => block.id));
  return new Set(rows.lifts.map((lift) => lift.block).filter((block) => !blocks.has(block)));
}

function newestBlocksFrom(rows: AccessRows): Map<number, number> {
  const newest = new Map<number, number>();
  for (const block of rows.blocks) {
    newest.set(block.tenant, Math.max(newest.get(block.tenant) ?? 0, block.sequence));
  }
  return newest;
}

function gathered<Row>(
  rows: readonly Row[],
  pair: (row: Row) => readonly [number, number],
): ReadonlyMap<number, readonly number[]> {
  const lists = new Map<number, number[]>();
  for (const row of rows) {
    const [key, value] = pair(row);
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [value]);
    else list.push(value);
  }
  return lists;
}
