import { endedSessionEntries } from "../identity/index.ts";
import { append, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import type { EndSessions } from "./end-sessions.ts";
import { markClosed, personByExternalId } from "./store/persons.ts";

/** Why a person was not closed. */
export type CloseFailure = { readonly code: "PERSON_UNKNOWN" } | { readonly code: "PERSON_CLOSED" };

/** What closing a person needs. */
export interface CloseDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly endSessions: EndSessions;
}

/**
 * Closes a person who left: every credential stops on every hub from the commit on, and every session ends in the same
 * transaction. No later import makes the person active again.
 */
export async function closePerson(
  deps: CloseDeps,
  input: { readonly tenant: number; readonly employee: string; readonly actor?: number | undefined },
): Promise<Result<{ readonly sequence: number }, CloseFailure>> {
  const { tenant, employee, actor } = input;
  const done = await append<undefined, CloseFailure>(deps, async (tables) => {
    const person = await personByExternalId(tables, { tenant, externalId: employee });
    if (person === undefined) return { refused: { code: "PERSON_UNKNOWN" } };
    const now = deps.clock.now();
    const { id } = person;
    if (!(await markClosed(tables, { id, at: now }))) return { refused: { code: "PERSON_CLOSED" } };
    const sessions = await deps.endSessions(tables, { persons: [id], credentials: [] });
    const entryId = newId(deps.random);
    const entry = newEntry("person.closed", {
      entryId,
      occurredAt: now,
      tenant,
      person: id,
      actor,
      data: { person: id },
    });
    return {
      entries: [entry, ...endedSessionEntries(deps, { tenant, sessions, cause: "CLOSED", actor })],
      value: undefined,
    };
  });
  if (done.outcome === "appended") return ok({ sequence: done.sequence });
  if (done.outcome === "refused") return fail(done.failure);
  throw new InvariantError(`the closing of a person was \`${done.outcome}\``);
}
