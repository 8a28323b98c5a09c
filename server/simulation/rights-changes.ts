import type { BlockSubject } from "@portner/schema/access";
import type { entryFromRow } from "../journal/wire.ts";
import type { RightsTables } from "./access-oracle.ts";
import { dice, entryAt, randomTables, SIZES } from "./rights-world.ts";

/** What can happen to rights; each with the numbers that choose whom it happens to. */
export const CHANGES = [
  "grant",
  "end",
  "block",
  "lift",
  "liftAhead",
  "close",
  "decommission",
  "commission",
  "quarantine",
  "release",
  "enrol",
  "raise",
  "import",
  "nothing",
] as const;
/** See {@link CHANGES}. */
export type ChangeName = (typeof CHANGES)[number];

/** A change and its chance: `a`, `b` and `c` choose whom it happens to and how. */
export interface RandomChange {
  readonly name: ChangeName;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

type Entry = ReturnType<typeof entryFromRow>;

const SUBJECTS = ["credential", "person", "department", "provider", "bundle"] as const;
const SUBJECTS_OF = { credential: "credentials", person: "persons", department: "departments" } as const;

/** A world of tables with the journal that tells how it came about. */
export class ChangingWorld {
  tables: RightsTables;
  sequence = 0;
  now: number;
  /** Journal number of each block. */
  readonly blockSequences = new Map<number, number>();
  readonly #lifted = new Map<number, BlockSubject>();

  constructor(seed: number, now: number) {
    this.now = now;
    this.tables = randomTables(seed, now);
  }

  /** Changes the tables and answers the entry that says so. */
  apply(change: RandomChange): Entry {
    this.sequence += 1;
    this.now += change.c % 3_000;
    switch (change.name) {
      case "grant":
        return this.#grant(change);
      case "end":
        return this.#end(change);
      case "block":
        return this.#block(change);
      case "lift":
        return this.#lift(change);
      case "liftAhead":
        return this.#liftAhead(change);
      case "enrol":
        return this.#enrol(change);
      case "raise":
        return this.#raise(change);
      case "close":
        return this.#close(change);
      case "commission":
        return this.#commission(change);
      case "decommission":
      case "quarantine":
      case "release":
        return this.#moveUnit(change);
      case "import":
        return this.#import(change);
      case "nothing":
        return this.#nothing();
    }
  }

  #place() {
    return { sequence: this.sequence, at: this.now };
  }

  #nothing(): Entry {
    return entryAt(this.#place(), "session.opened", { session: 1, form: "phone" });
  }

  #grant({ a, b, c }: RandomChange): Entry {
    const { memberships } = this.tables;
    const id = Math.max(0, ...memberships.map((each) => each.id)) + 1;
    const validFrom = this.now + ((c % 5) - 2) * 5_000;
    const validUntil = c % 2 === 0 ? null : validFrom + 1 + (a % 20_000);
    const row = { id, person: 1 + (a % SIZES.persons), bundle: 1 + (b % SIZES.bundles), validFrom, validUntil };
    memberships.push(row);
    const { id: membership, ...rest } = row;
    return entryAt(this.#place(), "membership.granted", { membership, ...rest, reason: null });
  }

  #end({ a }: RandomChange): Entry {
    const row = this.tables.memberships[a % this.tables.memberships.length];
    if (row === undefined) return this.#nothing();
    const end = Math.max(row.validFrom, this.now);
    row.validUntil = Math.min(row.validUntil ?? end, end);
    return entryAt(this.#place(), "membership.ended", { membership: row.id, person: row.person, bundle: row.bundle });
  }

  #subject({ a, b }: RandomChange): BlockSubject {
    const type = SUBJECTS[a % SUBJECTS.length] ?? "person";
    const count = type === "provider" ? SIZES.providers : type === "bundle" ? SIZES.bundles : SIZES[SUBJECTS_OF[type]];
    return { type, id: 1 + (b % count) };
  }

  #nextBlock(): number {
    return Math.max(0, ...this.tables.blocks.map((each) => each.id), ...this.#lifted.keys()) + 1;
  }

  // A block whose lift came first is placed by the next "block", on the subject that its lift named.
  #block(change: RandomChange): Entry {
    const [early] = this.#lifted;
    const id = early?.[0] ?? this.#nextBlock();
    const subject = early?.[1] ?? this.#subject(change);
    this.#lifted.delete(id);
    const denyUntil = this.now + (change.c % 30_000);
    const tenant = 1 + (change.c % 2);
    const where = { subjectType: subject.type, subject: subject.id };
    this.tables.blocks.push({ id, tenant, ...where, placedAt: this.now, denyUntil });
    this.blockSequences.set(id, this.sequence);
    const data = { block: id, subject, reason: null, denyUntil };
    return entryAt(this.#place(), "block.placed", data, { tenant });
  }

  #lift({ a }: RandomChange): Entry {
    const lifted = new Set(this.tables.lifts.map((lift) => lift.block));
    const open = this.tables.blocks.filter((block) => !lifted.has(block.id));
    const block = open[a % Math.max(1, open.length)];
    if (block === undefined) return this.#nothing();
    this.tables.lifts.push({ block: block.id });
    const credential =
      block.subjectType === "credential" && this.tables.credentials.find((each) => each.id === block.subject);
    const generation = credential ? (credential.generation += 1) : null;
    const subject = { type: block.subjectType, id: block.subject };
    return entryAt(this.#place(), "block.lifted", { blocks: [block.id], subject, generation, reason: null });
  }

  #liftAhead(change: RandomChange): Entry {
    const id = this.#nextBlock();
    // Often on a subject that has blocks already: the early lift must not touch those.
    const other = this.tables.blocks[change.b % (2 * this.tables.blocks.length + 1)];
    const subject = other === undefined ? this.#subject(change) : { type: other.subjectType, id: other.subject };
    this.#lifted.set(id, subject);
    this.tables.lifts.push({ block: id });
    return entryAt(this.#place(), "block.lifted", { blocks: [id], subject, generation: null, reason: null });
  }

  #enrol({ a, b }: RandomChange): Entry {
    const id = Math.max(...this.tables.credentials.map((each) => each.id)) + 1;
    const person = this.tables.persons[a % this.tables.persons.length];
    if (person === undefined || id > 40) return this.#nothing();
    const validUntil = b % 2 === 0 ? null : this.now + (b % 10_000);
    const row = { person: person.id, form: "phone", generation: 1, validFrom: this.now, validUntil } as const;
    this.tables.credentials.push({ id, tenant: person.tenant, ...row });
    return entryAt(this.#place(), "credential.enrolled", { credential: id, ...row });
  }

  #raise({ a }: RandomChange): Entry {
    const row = this.tables.credentials[a % this.tables.credentials.length];
    if (row === undefined) return this.#nothing();
    row.generation += 1;
    return entryAt(this.#place(), "credential.raised", { credential: row.id, generation: row.generation });
  }

  #close({ a }: RandomChange): Entry {
    const row = this.tables.persons[a % this.tables.persons.length];
    if (row === undefined) return this.#nothing();
    row.active = false;
    return entryAt(this.#place(), "person.closed", { person: row.id });
  }

  #commission({ a }: RandomChange): Entry {
    const { locks, units } = this.tables;
    const lock = locks[a % Math.max(1, locks.length)];
    if (lock === undefined || units.some((each) => each.lock === lock.id && !each.decommissioned)) {
      return this.#nothing();
    }
    const id = Math.max(0, ...units.map((each) => each.id)) + 1;
    units.push({ id, lock: lock.id, decommissioned: false, quarantined: false });
    const publicKey = "A".repeat(43);
    const data = { lock: lock.id, unit: id, publicKey, model: "m", firmware: "1" };
    return entryAt(this.#place(), "unit.commissioned", data);
  }

  #moveUnit({ name, a }: RandomChange): Entry {
    const unit = this.tables.units[a % Math.max(1, this.tables.units.length)];
    if (unit === undefined) return this.#nothing();
    const about = { lock: unit.lock, unit: unit.id };
    if (name === "decommission") {
      unit.decommissioned = true;
      return entryAt(this.#place(), "unit.decommissioned", about);
    }
    unit.quarantined = name === "quarantine";
    if (name === "release") return entryAt(this.#place(), "lock.released", { ...about, reason: null });
    return entryAt(this.#place(), "lock.quarantined", { ...about, cause: "FLOOD", boot: 1, sequence: 1 });
  }

  // An import rebuilds places, bundles, contracts and staff; blocks, memberships, units and credentials stay.
  #import({ b }: RandomChange): Entry {
    const fresh = randomTables(b, this.now);
    const { tenants, pathDoors, bundlePaths, providers } = fresh;
    const { locks, units, credentials, memberships, blocks, lifts } = this.tables;
    const roll = dice(b);
    const persons = this.tables.persons.map((person) => ({ ...person, active: person.active && roll(10) > 0 }));
    this.tables = {
      tenants,
      pathDoors,
      bundlePaths,
      providers,
      persons,
      locks,
      units,
      credentials,
      memberships,
      blocks,
      lifts,
    };
    return entryAt(this.#place(), "world.imported", { operation: ID, digest: "d", counts: {} });
  }
}

const ID = "00000000-0000-4000-8000-000000000002";
