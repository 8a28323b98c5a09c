import type { Role } from "@portner/schema/people";
import {
  authorise,
  type Facts,
  type KnownPrincipal,
  type Operation,
  type Permission,
  type Principal,
} from "../identity/index.ts";
import type { LockPlace } from "./directory/index.ts";
import type { LockProblem } from "./lock-problem.ts";
import type { LockView } from "./lock-view.ts";

/** How somebody is involved with a lock beyond their department; known on higher floors. */
export interface Involvement {
  /** Whether a person may open it now, or is to visit behind it. */
  ownsLock(person: number, lock: number): boolean;
  /** Whether a provider's people may open it now. */
  providerServes(provider: number, lock: number): boolean;
  /** Roles of the caller in which it is inside an open job or case of theirs. */
  jobsAt(principal: KnownPrincipal, lock: number): readonly Role[];
}

/** Departments, providers and person that a caller acts for. */
export interface ActsFor {
  readonly departments: readonly number[];
  readonly providers: readonly number[];
  readonly person: number | undefined;
}

/** Departments, providers and person that a caller acts for; nobody for a token. */
export function actsFor(principal: KnownPrincipal): ActsFor {
  switch (principal.kind) {
    case "dashboard": {
      const departments = principal.roles.flatMap(({ department }) => (department === undefined ? [] : [department]));
      const providers = principal.roles.flatMap(({ provider }) => (provider === undefined ? [] : [provider]));
      return { departments, providers, person: principal.person };
    }
    case "phone": {
      const { department, provider, person } = principal;
      const own = department === undefined ? [] : [department];
      return { departments: own, providers: provider === undefined ? [] : [provider], person };
    }
    case "token":
      return { departments: [], providers: [], person: undefined };
  }
}

/** What a thing belongs to: several departments and providers may have to do with it. */
export interface Belonging {
  readonly tenant: number;
  readonly departments: readonly number[];
  readonly providers: readonly number[];
  readonly owner?: number | undefined;
  /** Roles of the caller in which it is inside an open job or case of theirs. */
  readonly jobOf: readonly Role[];
}

/** The best leave for a thing that several departments or providers have to do with; `undefined` where none gives any. */
export function authoriseAny(
  principal: KnownPrincipal,
  operation: Operation,
  { tenant, departments, providers, owner, jobOf }: Belonging,
): Permission | undefined {
  const own = actsFor(principal);
  const shared = <Key>(mine: readonly Key[], theirs: readonly Key[]): readonly (Key | undefined)[] => {
    const both = mine.filter((key) => theirs.includes(key));
    return both.length === 0 ? [undefined] : both;
  };
  const candidates = shared(own.departments, departments).flatMap((department) =>
    shared(own.providers, providers).map((provider): Facts => ({ tenant, department, provider, owner, jobOf })),
  );
  const leaves = candidates.flatMap((facts) => {
    const leave = authorise(principal, operation, facts);
    return leave.ok ? [leave.value] : [];
  });
  return leaves.find((leave) => leave.narrowing === undefined) ?? leaves[0];
}

/** What a caller may see and do about a lock. */
export class LockRights {
  readonly #involvement: Involvement;

  constructor(involvement: Involvement) {
    this.#involvement = involvement;
  }

  /** Whether the caller may see that the lock exists, and where. */
  maySee(principal: Principal, place: LockPlace): boolean {
    return this.#leave(principal, "readLockStatus", place) !== undefined || this.maySeeBattery(principal, place);
  }

  /** Whether the caller may see its live status: facts, freshness, problems. */
  maySeeStatus(principal: Principal, place: LockPlace): boolean {
    const leave = this.#leave(principal, "readLockStatus", place);
    return leave !== undefined && leave.narrowing !== "batteryOnly";
  }

  /** Whether the caller may see its battery. */
  maySeeBattery(principal: Principal, place: LockPlace): boolean {
    return this.#leave(principal, "readBatteryList", place) !== undefined;
  }

  /** What the caller may know to be wrong with it: of its battery nothing, where that is not theirs to see. */
  seenProblems(
    principal: Principal,
    { place, problems }: Pick<LockView, "place" | "problems">,
  ): readonly LockProblem[] {
    return this.maySeeBattery(principal, place) ? problems : problems.filter(({ code }) => code !== "LOW_BATTERY");
  }

  /** Whether the caller may look into its faults. */
  mayHandleFaults(principal: Principal, place: LockPlace): boolean {
    return this.#leave(principal, "handleFault", place) !== undefined;
  }

  /** Whether the caller may ask what opens there, and why something does not. */
  mayAskAbout(principal: Principal, place: LockPlace): boolean {
    return this.#leave(principal, "decide", place) !== undefined;
  }

  /** The leave to commission or decommission a unit there; `undefined` where there is none. */
  leaveToCommission(principal: Principal, place: LockPlace): Permission | undefined {
    return this.#leave(principal, "commissionUnit", place);
  }

  /** The leave to lift what keeps it from opening; `undefined` where there is none. */
  leaveToUnblock(principal: Principal, place: LockPlace): Permission | undefined {
    return this.#leave(principal, "unblock", place);
  }

  #leave(principal: Principal, operation: Operation, place: LockPlace): Permission | undefined {
    if (principal.kind === "anonymous" || principal.tenant !== place.tenant) return undefined;
    const { person, providers } = actsFor(principal);
    const { lock, tenant, departments } = place;
    return authoriseAny(principal, operation, {
      tenant,
      departments,
      providers: providers.filter((provider) => this.#involvement.providerServes(provider, lock)),
      owner: person !== undefined && this.#involvement.ownsLock(person, lock) ? person : undefined,
      jobOf: this.#involvement.jobsAt(principal, lock),
    });
  }
}
