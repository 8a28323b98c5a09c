import type { BlockSubject } from "@portner/schema/access";
import type { Instant } from "../kernel/clock.ts";

/** What a decision needs to know of a municipality. */
export interface TenantFacts {
  readonly publicId: string;
  readonly remoteOpen: "off" | "onePerson" | "twoPersons";
}

/** A lock's place, and what stands in it. */
export interface LockFacts {
  readonly tenant: number;
  readonly door: number;
  /** The unit in service; null before the first commissioning and between two units. */
  readonly unit: number | null;
  readonly quarantined: boolean;
}

/** A phone, tablet or smartkey of a person. Valid from ≤ t < until. */
export interface CredentialFacts {
  readonly tenant: number;
  readonly person: number;
  readonly form: "phone" | "tablet" | "smartkey";
  readonly generation: number;
  readonly validFrom: Instant;
  readonly validUntil: Instant | null;
}

/** An employee, and the organisation behind them. */
export interface PersonFacts {
  readonly tenant: number;
  readonly active: boolean;
  readonly department: number | null;
  readonly provider: number | null;
  /** The municipality lets this profession in on planned visits only; a membership opens nothing for it. */
  readonly visitsOnly: boolean;
}

/** A membership of a bundle, from ≤ t < until. */
export interface MembershipFacts {
  readonly bundle: number;
  readonly validFrom: Instant;
  readonly validUntil: Instant | null;
  /** An entry has ended it: over at once, also for a hub whose clock is a little behind the one that ended it. */
  readonly ended: boolean;
}

/** A block that nobody has lifted. */
export interface BlockFacts {
  readonly placedAt: Instant;
  /** Locks are told to deny until then; afterwards nothing that was signed before the block is still valid. */
  readonly denyUntil: Instant;
  /** Journal number of the block. */
  readonly sequence: number;
}

/** The name of a subject in {@link AccessFacts.blocks}. */
export function subjectKey(type: BlockSubject["type"], id: number): string {
  return `${type}:${id}`;
}

/** Everything that decisions come from, by internal key: plain maps, because this index is the oracle of a later one. */
export interface AccessFacts {
  readonly tenants: ReadonlyMap<number, TenantFacts>;
  readonly locks: ReadonlyMap<number, LockFacts>;
  readonly lockOfDoor: ReadonlyMap<number, number>;
  /** Doors of a path from the street inwards. */
  readonly doorsOfPath: ReadonlyMap<number, readonly number[]>;
  readonly pathsOfDoor: ReadonlyMap<number, readonly number[]>;
  readonly bundlesOfPath: ReadonlyMap<number, readonly number[]>;
  readonly credentials: ReadonlyMap<number, CredentialFacts>;
  readonly persons: ReadonlyMap<number, PersonFacts>;
  /** End of each provider's contract; null while it is open. */
  readonly contractEnds: ReadonlyMap<number, Instant | null>;
  /** Memberships of each person, by their own key. */
  readonly memberships: ReadonlyMap<number, ReadonlyMap<number, MembershipFacts>>;
  /** Unlifted blocks of each subject, by their own key. */
  readonly blocks: ReadonlyMap<string, ReadonlyMap<number, BlockFacts>>;
  /** Journal number of the newest block of each tenant, lifted or not; 0 or absent before the first. */
  readonly newestBlock: ReadonlyMap<number, number>;
}

/** The facts as the index itself holds them: journal entries move them. */
export interface MovableFacts extends AccessFacts {
  readonly locks: Map<number, LockFacts>;
  readonly credentials: Map<number, CredentialFacts>;
  readonly persons: Map<number, PersonFacts>;
  readonly memberships: Map<number, Map<number, MembershipFacts>>;
  readonly blocks: Map<string, Map<number, BlockFacts>>;
  readonly newestBlock: Map<number, number>;
  /** Lifts whose block has not been met yet, so that their order of arrival does not matter. */
  readonly liftsAhead: Set<number>;
}

/** The unlifted blocks of a subject; none for a subject nobody ever blocked. */
export function blocksOn(
  facts: AccessFacts,
  type: BlockSubject["type"],
  id: number | null,
): ReadonlyMap<number, BlockFacts> {
  return (id === null ? undefined : facts.blocks.get(subjectKey(type, id))) ?? NO_BLOCKS;
}

const NO_BLOCKS: ReadonlyMap<number, BlockFacts> = new Map();

/**
 * The memberships that a person may enter by, by their keys. There are no visits yet, so whoever may enter on visits only
 * has none, wherever it is asked: at the door, and about whose doors these are.
 */
export function membershipsOf(facts: AccessFacts, person: number): ReadonlyMap<number, MembershipFacts> {
  const isLetIn = facts.persons.get(person)?.visitsOnly === false;
  return (isLetIn ? facts.memberships.get(person) : undefined) ?? NO_MEMBERSHIPS;
}

const NO_MEMBERSHIPS: ReadonlyMap<number, MembershipFacts> = new Map();
