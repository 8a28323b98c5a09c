import type { KnownPrincipal, Operation, Permission, Principal } from "../../identity/index.ts";
import { derivedId } from "../../kernel/ids.ts";
import { authoriseAny, type Involvement, type LockDirectory, type LockPlace } from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import type { DoorEvent } from "./door-event.ts";
import type { StaffCard } from "./staff-directory.ts";

/** What rights to events are judged by. */
export interface EventRightsDeps {
  readonly index: Pick<AccessIndex, "facts">;
  readonly directory: Pick<LockDirectory, "byLock">;
  readonly involvement: Involvement;
}

/** How much a caller is told of whoever is behind an event. */
export type ActorDetail = "name" | "employeeId" | "pseudonym";

/** Whoever is behind an event, as one caller may know them. */
export interface ShownActor {
  readonly personId: string | null;
  readonly employeeId: string | null;
  readonly name: string | null;
  readonly pseudonym: string | null;
}

/** What somebody may see of the events at doors. Asked for each event when it is delivered. */
export class EventRights {
  readonly #deps: EventRightsDeps;

  constructor(deps: EventRightsDeps) {
    this.#deps = deps;
  }

  /** Whether the caller gets the event at all. */
  maySee(principal: Principal, event: DoorEvent): boolean {
    if (principal.kind === "anonymous" || principal.tenant !== event.tenant) return false;
    if (this.#leave(principal, "readDoorEvents", event) !== undefined) return true;
    const leave = this.#leave(principal, "subscribe", event);
    return leave !== undefined && leave.narrowing !== "batteryOnly";
  }

  /** How much the caller is told of the actor; the event is one the caller may see. */
  actorDetail(principal: Principal, event: DoorEvent): ActorDetail {
    if (principal.kind === "anonymous" || principal.kind === "token") return "pseudonym";
    const leave = this.#leave(principal, "readDoorEvents", event);
    if (leave === undefined) return "employeeId";
    return leave.narrowing === "pseudonym" ? "pseudonym" : "name";
  }

  /** The lock that an event is about; of a path that was refused as a whole, the first on the way. */
  lockOf(event: DoorEvent): number | undefined {
    if (event.lock !== undefined || event.path === undefined) return event.lock;
    const { facts } = this.#deps.index;
    const doors = facts.doorsOfPath.get(event.path) ?? [];
    return doors.map((door) => facts.lockOfDoor.get(door)).find((lock) => lock !== undefined);
  }

  #placeOf(event: DoorEvent): LockPlace | undefined {
    const lock = this.lockOf(event);
    return lock === undefined ? undefined : this.#deps.directory.byLock(lock);
  }

  #leave(principal: KnownPrincipal, operation: Operation, event: DoorEvent): Permission | undefined {
    const { index, involvement } = this.#deps;
    const place = this.#placeOf(event);
    const person = event.actor?.person;
    const { department = null, provider = null } =
      (person === undefined ? undefined : index.facts.persons.get(person)) ?? {};
    return authoriseAny(principal, operation, {
      tenant: event.tenant,
      departments: [...(place?.departments ?? []), ...(department === null ? [] : [department])],
      providers: provider === null ? [] : [provider],
      owner: person,
      jobOf: place === undefined ? [] : involvement.jobsAt(principal, place.lock),
    });
  }
}

/** What an actor is shown from. */
export interface ActorSources {
  readonly actor: DoorEvent["actor"];
  readonly card: StaffCard | undefined;
  readonly accountName: string | undefined;
  /** Secret of this installation: without it nobody turns a pseudonym back into a person. */
  readonly pseudonymSecret: string;
}

/** An actor as a caller may know them. A pseudonym is the same for one token as long as it lives, and no other's. */
export function shownActor(principal: Principal, detail: ActorDetail, sources: ActorSources): ShownActor | null {
  const { actor, card, accountName, pseudonymSecret } = sources;
  if (actor === undefined) return null;
  const nothing = { personId: null, employeeId: null, name: null, pseudonym: null };
  if (detail === "pseudonym") {
    const reader = principal.kind === "token" ? principal.tokenId : principal.key;
    const subject = actor.person === undefined ? ["account", actor.account ?? 0] : ["person", actor.person];
    return { ...nothing, pseudonym: derivedId("pseudonym", pseudonymSecret, reader, ...subject) };
  }
  const employeeId = card?.employeeId ?? null;
  if (detail === "employeeId") return { ...nothing, employeeId };
  return { ...nothing, employeeId, personId: card?.personId ?? null, name: card?.name ?? accountName ?? null };
}
