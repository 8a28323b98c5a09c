import { append, newEntry, setApart, type JournalSight } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database, Tables } from "../kernel/database.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { headOf, releaseUnit, unitOnDoor } from "./store/units.ts";
import {
  identityOf,
  metBefore,
  type KeyReused,
  type MetRequest,
  type UnitNames,
  type UnitRequest,
} from "./unit-request.ts";

/** A reason is a sentence or two of a colleague, not a report. */
export const RELEASE_REASON_CHARACTERS_MAX = 500;
/** Each try loses only to a revocation that committed in between; five in a row means that something storms. */
const TRIES_MAX = 5;

/** What releasing works with. */
export interface ReleaseDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Wakes this hub's own tail after the commit. */
  readonly poke: () => void;
  readonly sight: JournalSight;
}

/** A quarantine to be ended by a person who has looked at the lock. */
export interface ReleaseRequest extends UnitRequest {
  readonly reason: string;
  /** Whether whoever asks may still ask, as far as this hub knows. Absent where no session asks. */
  readonly stillMay?: () => boolean;
}

/** Why a quarantine was not ended. */
export type ReleaseFailure =
  | KeyReused
  | { readonly code: "NOT_QUARANTINED" | "OVERTAKEN" | "REASON_MISSING" | "SESSION_ENDED" }
  | { readonly code: "REASON_TOO_LONG"; readonly max: number };

/**
 * Ends the quarantine of the unit on a door, with a reason: it is heard again and may be opened again. A unit that still
 * sends what no sound lock sends is quarantined anew at its next word; such a board has to be replaced. Refused under the
 * head's lock when a right was taken away since it was decided, and then decided anew.
 */
export async function releaseQuarantine(
  deps: ReleaseDeps,
  request: ReleaseRequest,
): Promise<Result<MetRequest, ReleaseFailure>> {
  if (request.reason.trim() === "") return fail({ code: "REASON_MISSING" });
  if (request.reason.length > RELEASE_REASON_CHARACTERS_MAX) {
    return fail({ code: "REASON_TOO_LONG", max: RELEASE_REASON_CHARACTERS_MAX });
  }
  const identity = identityOf("lock.released", request, request.reason);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const before = await metBefore(deps, identity);
    if (before !== undefined) return before;
    const seen = deps.sight.seenUpTo();
    if (request.stillMay?.() === false) return fail({ code: "SESSION_ENDED" });
    const done = await append<UnitNames & { readonly epoch: number }, ReleaseFailure>(deps, (tables) =>
      write(tables, request, { ...identity, seen, deps }),
    );
    // The same request may have been met elsewhere at the same moment: then that is the answer.
    if (done.outcome === "refused") return (await metBefore(deps, identity)) ?? fail(done.failure);
    if (done.outcome === "stale") await deps.sight.catchUp();
    if (done.outcome !== "appended") continue;
    deps.poke();
    const { epoch, ...names } = done.value;
    return ok({ ...names, revision: { epoch, sequence: done.sequence } });
  }
  return fail({ code: "OVERTAKEN" });
}

async function write(
  tables: Tables,
  { tenant, lock, actor, reason }: ReleaseRequest,
  { entryId, content, seen, deps }: { entryId: string; content: string; seen: number; deps: ReleaseDeps },
) {
  // Everything the release is decided on is at least as new as this: the rows, and what is known of whoever releases.
  const { epoch, sequence } = await headOf(tables);
  const decidedAtRevision = Math.min(sequence, seen);
  const held = await unitOnDoor(tables, lock, tenant);
  if (held === undefined || held.quarantinedAt === null) return { refused: { code: "NOT_QUARANTINED" } as const };
  const { unit, door, names } = held;
  await releaseUnit(tables, unit);
  const text = setApart(deps.random, tenant, reason);
  const entry = newEntry("lock.released", {
    ...{ entryId, content, occurredAt: deps.clock.now(), decidedAtRevision, tenant, lock, unit, door, actor },
    data: { lock, unit, reason: text.reference },
  });
  return { entries: [entry] as const, rows: { journal_text: [text.row] }, value: { ...names, epoch } };
}
