import type { KnownPrincipal } from "../../identity/index.ts";
import { isForeign, type TailBatch } from "../../journal/index.ts";
import type { Clock, Instant } from "../../kernel/clock.ts";
import type { Involvement, LockDirectory } from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { blocksOn, type AccessFacts, type MembershipFacts } from "../facts.ts";

/** A look-up with a purpose opens a case on the citizen's doors for this long. */
const LOOK_UP_COUNTS_MS = 30 * 60_000;
/** Look-ups remembered of one account: a busy half hour. */
const LOOK_UPS_MAX = 500;

/** What involvement is told by. */
export interface InvolvementDeps {
  readonly index: Pick<AccessIndex, "facts" | "isStale">;
  readonly directory: Pick<LockDirectory, "byLock">;
  readonly clock: Clock;
}

/**
 * How people are involved with locks: by the bundles they may open now, and by citizens they have just looked up for a
 * purpose. What this hub does not know for sure counts as not involved.
 */
export class AccessInvolvement implements Involvement {
  readonly #deps: InvolvementDeps;
  /** Citizens that each account has looked up, with the time. */
  readonly #lookUps = new Map<number, Map<number, Instant>>();

  constructor(deps: InvolvementDeps) {
    this.#deps = deps;
  }

  /** Follows a tail for look-ups. */
  take(batch: TailBatch): void {
    for (const entry of batch.entries) {
      if (isForeign(entry) || entry.kind !== "citizen.consulted" || entry.actor === undefined) continue;
      const own = this.#lookUps.get(entry.actor) ?? new Map<number, Instant>();
      this.#lookUps.set(entry.actor, own);
      for (const citizen of entry.data.citizens) {
        own.delete(citizen);
        own.set(citizen, entry.occurredAt);
      }
      for (const citizen of own.keys()) {
        if (own.size <= LOOK_UPS_MAX) break;
        own.delete(citizen);
      }
    }
  }

  ownsLock(person: number, lock: number): boolean {
    const { index, clock } = this.#deps;
    if (index.isStale()) return false;
    const { facts } = index;
    const memberships = [...(facts.memberships.get(person)?.values() ?? [])];
    const bundles = bundlesTo(facts, lock);
    return memberships.some((membership) => bundles.has(membership.bundle) && isSound(facts, membership, clock.now()));
  }

  providerServes(provider: number, lock: number): boolean {
    const { index } = this.#deps;
    const bundles = bundlesTo(index.facts, lock);
    if (bundles.size === 0) return false;
    for (const [person, { provider: own }] of index.facts.persons) {
      if (own === provider && this.ownsLock(person, lock)) return true;
    }
    return false;
  }

  hasJob(principal: KnownPrincipal, lock: number): boolean {
    if (principal.kind !== "dashboard") return false;
    const lookUps = this.#lookUps.get(principal.account);
    const citizens = lookUps === undefined ? [] : (this.#deps.directory.byLock(lock)?.citizens ?? []);
    const now = this.#deps.clock.now();
    return citizens.some((citizen) => now - (lookUps?.get(citizen) ?? Number.NEGATIVE_INFINITY) < LOOK_UP_COUNTS_MS);
  }
}

function bundlesTo(facts: AccessFacts, lock: number): ReadonlySet<number> {
  const door = facts.locks.get(lock)?.door;
  const paths = door === undefined ? [] : (facts.pathsOfDoor.get(door) ?? []);
  return new Set(paths.flatMap((path) => facts.bundlesOfPath.get(path) ?? []));
}

function isSound(facts: AccessFacts, membership: MembershipFacts, at: Instant): boolean {
  const { bundle, validFrom, validUntil, ended } = membership;
  const valid = !ended && validFrom <= at && (validUntil === null || at < validUntil);
  return valid && blocksOn(facts, "bundle", bundle).size === 0;
}
