import type { AllowedCommand, LockRegistry, RegisteredLock } from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { commandIdOf, operationIdOf, type OpenRequest } from "./request.ts";

/** Accounts are blocked by ending their sessions, not by a generation. */
const ACCOUNT_GENERATION = 1;

/** A door's decision, as its command needs it. */
export interface DoorDecision {
  readonly lock: number;
  readonly decidedAt: number;
  readonly revision: number;
}

/**
 * The command of one door. Nothing where what the index decided on is not what stands in the door by the registry: the
 * two learn of a swapped unit one after the other, and the old unit's command is not the new one's. Decide anew then.
 */
export function commandFor(
  deps: { readonly registry: LockRegistry; readonly index: Pick<AccessIndex, "facts"> },
  request: OpenRequest,
  { lock, decidedAt, revision }: DoorDecision,
): AllowedCommand | undefined {
  const registered = decidedUnit(deps, lock);
  const { asker, credentialId } = request.opener;
  // The generation of the decision, not of the request: a lift in between has raised it.
  const generation =
    asker.type === "credential" ? deps.index.facts.credentials.get(asker.credential)?.generation : ACCOUNT_GENERATION;
  if (registered === undefined || generation === undefined) return undefined;
  const id = commandIdOf(request, lock);
  const operation = operationIdOf(request);
  return { id, operation, lock: registered, op: "open", credentialId, generation, decidedAt, revision };
}

/** The lock as it is addressed, if its unit is the one that decisions stand on. */
export function decidedUnit(
  { registry, index }: { readonly registry: LockRegistry; readonly index: Pick<AccessIndex, "facts"> },
  lock: number,
): RegisteredLock | undefined {
  const registered = registry.byLock(lock);
  const unit = index.facts.locks.get(lock)?.unit;
  return registered !== undefined && registered.unit === unit ? registered : undefined;
}
