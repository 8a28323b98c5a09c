import type { Role } from "@portner/schema/people";
import type { KnownPrincipal } from "../../identity/index.ts";
import { isForeign, type TailBatch } from "../../journal/index.ts";
import type { Clock, Instant } from "../../kernel/clock.ts";
import type { Involvement, LockDirectory } from "../../locks/index.ts";

/** A look-up with a purpose opens a case on the citizen's doors for this long. */
const LOOK_UP_COUNTS_MS = 30 * 60_000;
/** Look-ups remembered of one account: a busy half hour. */
export const LOOK_UPS_MAX = 500;

/** What involvement is told by. */
export interface ConsultedDeps {
  /** Who has to do with a lock by their rights. */
  readonly involvement: Pick<Involvement, "ownsLock" | "providerServes">;
  readonly directory: Pick<LockDirectory, "byLock">;
  readonly clock: Clock;
}

/**
 * Who has to do with a lock, look-ups included: whoever has just looked a citizen up for a purpose has a case on that
 * citizen's doors. Known from the tail alone; a hub that has just started asks for the look-up again.
 */
export class ConsultedInvolvement implements Involvement {
  readonly #deps: ConsultedDeps;
  /** Citizens that each account has looked up, with the time. */
  readonly #lookUps = new Map<number, Map<number, Instant>>();
  /** Each account's latest look-up. */
  readonly #latest = new Map<number, Instant>();

  constructor(deps: ConsultedDeps) {
    this.#deps = deps;
  }

  /** Follows a tail. */
  take(batch: TailBatch): void {
    for (const entry of batch.entries) {
      if (isForeign(entry) || entry.kind !== "citizen.consulted" || entry.actor === undefined) continue;
      const own = this.#lookUps.get(entry.actor) ?? new Map<number, Instant>();
      this.#lookUps.set(entry.actor, own);
      this.#latest.set(entry.actor, Math.max(entry.occurredAt, this.#latest.get(entry.actor) ?? 0));
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
    return this.#deps.involvement.ownsLock(person, lock);
  }

  providerServes(provider: number, lock: number): boolean {
    return this.#deps.involvement.providerServes(provider, lock);
  }

  /** Whether this caller may have a job at some lock at all; whoever has none has none anywhere. */
  mayHaveJob(principal: KnownPrincipal): boolean {
    const latest = principal.kind === "dashboard" ? this.#latest.get(principal.account) : undefined;
    return latest !== undefined && latest > this.#deps.clock.now() - LOOK_UP_COUNTS_MS;
  }

  /** The hotline's role, where somebody who has it has looked up who lives behind this door within the last half hour. */
  jobsAt(principal: KnownPrincipal, lock: number): readonly Role[] {
    // In no other role a look-up is a case: an installer's would let them swap the door's unit.
    const hotline = principal.kind === "dashboard" && principal.roles.some(({ role }) => role === "H");
    const own = hotline ? this.#lookUps.get(principal.account) : undefined;
    if (own === undefined) return [];
    const since = this.#deps.clock.now() - LOOK_UP_COUNTS_MS;
    const citizens = this.#deps.directory.byLock(lock)?.citizens ?? [];
    const isCase = citizens.some((citizen) => (own.get(citizen) ?? Number.NEGATIVE_INFINITY) > since);
    return isCase ? ["H"] : [];
  }
}
