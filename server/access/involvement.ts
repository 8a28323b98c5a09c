import type { Role } from "@portner/schema/people";
import type { Clock } from "../kernel/clock.ts";
import type { AccessIndex } from "./access-index.ts";
import { membershipsOf, type AccessFacts } from "./facts.ts";

/** Bundles that a person's memberships open at a time. */
export function bundlesOfPerson(facts: AccessFacts, person: number, at: number): ReadonlySet<number> {
  const memberships = [...membershipsOf(facts, person).values()];
  const current = memberships.filter(
    ({ ended, validFrom, validUntil }) => !ended && validFrom <= at && (validUntil === null || at < validUntil),
  );
  return new Set(current.map(({ bundle }) => bundle));
}

/** Bundles that open a path through a lock's door. */
function bundlesOfLock(facts: AccessFacts, lock: number): readonly number[] {
  const door = facts.locks.get(lock)?.door;
  const paths = door === undefined ? [] : (facts.pathsOfDoor.get(door) ?? []);
  return paths.flatMap((path) => facts.bundlesOfPath.get(path) ?? []);
}

/**
 * Who has to do with a lock beyond the department it belongs to. What is shown rests on this, never what opens; so a
 * provider's bundles are remembered as long as the index has not moved.
 */
export class LockInvolvement {
  readonly #index: Pick<AccessIndex, "facts" | "revision">;
  readonly #clock: Clock;
  #bundlesOfProvider = new Map<number, ReadonlySet<number>>();
  #knownAt = -1;

  constructor(index: Pick<AccessIndex, "facts" | "revision">, clock: Clock) {
    this.#index = index;
    this.#clock = clock;
  }

  /** Whether a person's memberships open the lock's door now. */
  ownsLock(person: number, lock: number): boolean {
    const own = bundlesOfPerson(this.#index.facts, person, this.#clock.now());
    return bundlesOfLock(this.#index.facts, lock).some((bundle) => own.has(bundle));
  }

  /** Whether the memberships of a provider's people open the lock's door now. */
  providerServes(provider: number, lock: number): boolean {
    const bundles = this.#bundlesOf(provider);
    return bundlesOfLock(this.#index.facts, lock).some((bundle) => bundles.has(bundle));
  }

  /** Jobs and cases come with later floors; until then nobody has one. */
  jobsAt(): readonly Role[] {
    return [];
  }

  #bundlesOf(provider: number): ReadonlySet<number> {
    const { facts, revision } = this.#index;
    if (this.#knownAt !== revision.sequence) {
      this.#bundlesOfProvider = new Map();
      this.#knownAt = revision.sequence;
    }
    const known = this.#bundlesOfProvider.get(provider);
    if (known !== undefined) return known;
    const people = [...facts.persons].filter(([, person]) => person.provider === provider);
    const bundles = new Set(people.flatMap(([person]) => [...bundlesOfPerson(facts, person, this.#clock.now())]));
    this.#bundlesOfProvider.set(provider, bundles);
    return bundles;
  }
}
