import { append, newEntry } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { digestOfCode, newCode } from "./enrolment-code.ts";
import { insertCode } from "./store/credentials.ts";
import { personByExternalId } from "./store/persons.ts";

/** A code is read out or shown and typed at once; a longer life only helps whoever finds it. */
export const CODE_LIFE_MS = 15 * 60_000;

/** Why no code was issued. */
export type IssueFailure = { readonly code: "PERSON_UNKNOWN" } | { readonly code: "PERSON_INACTIVE" };

/**
 * Issues a one-time code with which a person enrols a phone; codes issued to the person before are void. The code is
 * shown once and stored as a digest only.
 */
export async function issueEnrolmentCode(
  deps: { readonly database: Database; readonly hub: string; readonly clock: Clock; readonly random: Random },
  input: { readonly tenant: number; readonly employee: string; readonly actor?: number | undefined },
): Promise<Result<{ readonly code: string; readonly expiresAt: Instant }, IssueFailure>> {
  const { tenant, employee, actor } = input;
  const code = newCode(deps.random);
  const issuedAt = deps.clock.now();
  const expiresAt = issuedAt + CODE_LIFE_MS;
  const done = await append<{ code: string; expiresAt: Instant }, IssueFailure>(deps, async (tables) => {
    const person = await personByExternalId(tables, { tenant, externalId: employee });
    if (person === undefined) return { refused: { code: "PERSON_UNKNOWN" } };
    if (!person.active) return { refused: { code: "PERSON_INACTIVE" } };
    const digest = digestOfCode(code);
    if (digest === undefined) throw new InvariantError("a new code can't be read back");
    const times = { issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
    await insertCode(tables, { tenant, person: person.id, digest, ...times });
    const data = { person: person.id, expiresAt };
    const subjects = { tenant, person: person.id, actor };
    const entryId = newId(deps.random);
    const entry = newEntry("enrolment.offered", { entryId, occurredAt: issuedAt, ...subjects, data });
    return { entries: [entry], value: { code, expiresAt } };
  });
  if (done.outcome === "appended") return ok(done.value);
  if (done.outcome === "refused") return fail(done.failure);
  throw new InvariantError(`a code's entry was \`${done.outcome}\``);
}
