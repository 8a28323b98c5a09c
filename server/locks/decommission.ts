import { append, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database, Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { digestOfClaim } from "./commission.ts";
import type { Keyring } from "./keyring.ts";
import { headOf, retireUnit, unitOnDoor } from "./store/units.ts";
import {
  identityOf,
  metBefore,
  type KeyReused,
  type MetRequest,
  type UnitNames,
  type UnitRequest,
} from "./unit-request.ts";

/** What decommissioning works with. */
export interface DecommissionDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly keyring: Keyring;
  /** Has the broker let nobody in under the lock's name until another unit is commissioned. */
  readonly withdrawCredential: (lock: { readonly lockId: string; readonly tenantId: string }) => Promise<void>;
  /** Wakes this hub's own tail after the commit. */
  readonly poke: () => void;
}

/** A unit that has left its door. */
export interface Decommissioned extends MetRequest {
  /** The one-time claim of the unit that takes its place. */
  readonly claim: string;
}

/** Why a unit was not decommissioned. */
export type DecommissionFailure = KeyReused | { readonly code: "NOT_IN_SERVICE" };

/**
 * Takes the unit in service from its door, for ever: from the commit on no hub commands it or believes a word of it, what
 * the broker and the board knew of it ends, and its secrets are gone. The lock awaits another unit with another claim.
 * What the old board still held unsent is lost with it.
 */
export async function decommission(
  deps: DecommissionDeps,
  request: UnitRequest,
): Promise<Result<Decommissioned, DecommissionFailure>> {
  const met = await retire(deps, request);
  if (!met.ok) return met;
  deps.poke();
  try {
    await deps.withdrawCredential(met.value);
  } catch (error) {
    // Nothing leans on the broker: no hub hears that unit any more. Its files are written anew at the next change.
    deps.log.error({ lock: request.lock, error: String(error) }, "the broker was not told of a unit that left");
  }
  return ok({ ...met.value, claim: deps.keyring.claimAfter(request.tenant, met.value.unitId) });
}

async function retire(deps: DecommissionDeps, request: UnitRequest): Promise<Result<MetRequest, DecommissionFailure>> {
  const identity = identityOf("unit.decommissioned", request);
  const before = await metBefore(deps, identity);
  if (before !== undefined) return before;
  const done = await append<UnitNames & { readonly epoch: number }, DecommissionFailure>(deps, (tables) =>
    write(tables, request, { ...identity, deps }),
  );
  if (done.outcome === "appended") {
    const { epoch, ...names } = done.value;
    return ok({ ...names, revision: { epoch, sequence: done.sequence } });
  }
  // The same request may have been met elsewhere at the same moment: then that is the answer.
  const meanwhile = await metBefore(deps, identity);
  if (meanwhile !== undefined) return meanwhile;
  if (done.outcome === "refused") return fail(done.failure);
  throw new InvariantError(`an entry that takes a right away can't be \`${done.outcome}\``);
}

async function write(
  tables: Tables,
  { tenant, lock, actor }: UnitRequest,
  { entryId, content, deps }: { entryId: string; content: string; deps: DecommissionDeps },
) {
  const { epoch } = await headOf(tables);
  const held = await unitOnDoor(tables, lock, tenant);
  if (held === undefined) return { refused: { code: "NOT_IN_SERVICE" } as const };
  const { unit, door, names } = held;
  const now = deps.clock.now();
  const claimDigest = digestOfClaim(deps.keyring.claimAfter(tenant, names.unitId));
  await retireUnit(tables, unit, { lock, at: new Date(now), claimDigest });
  const subjects = { tenant, lock, unit, door, actor };
  const data = { lock, unit };
  const entry = newEntry("unit.decommissioned", { entryId, content, occurredAt: now, ...subjects, data });
  return { entries: [entry] as const, rows: { unit_left: [{ unit }] }, value: { ...names, epoch } };
}
