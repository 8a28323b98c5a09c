import { append, newEntry, type JournalSight } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database, Tables } from "../kernel/database.ts";
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
export type IssueFailure = { readonly code: "PERSON_UNKNOWN" | "PERSON_INACTIVE" | "OVERTAKEN" | "SESSION_ENDED" };

/** Each try loses only to a revocation that committed in between; five in a row means that something storms. */
const TRIES_MAX = 5;

/** What issuing works with. */
export interface IssueDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly sight: JournalSight;
}

/** Who is to enrol a phone, and who says so. */
export interface IssueInput {
  readonly tenant: number;
  readonly employee: string;
  readonly actor?: number | undefined;
  /** Whether whoever asks may still ask, as far as this hub knows. Absent where no session asks. */
  readonly stillMay?: () => boolean;
}

interface IssuedCode {
  readonly code: string;
  readonly expiresAt: Instant;
}

/**
 * Issues a one-time code with which a person enrols a phone; codes issued to the person before are void. The code is
 * shown once and stored as a digest only. Refused under the head's lock when a right was taken away since it was decided,
 * and then decided anew.
 */
export async function issueEnrolmentCode(
  deps: IssueDeps,
  input: IssueInput,
): Promise<Result<IssuedCode, IssueFailure>> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const seen = deps.sight.seenUpTo();
    if (input.stillMay?.() === false) return fail({ code: "SESSION_ENDED" });
    const done = await append<IssuedCode, IssueFailure>(deps, (tables) => write(tables, { input, seen }, deps));
    if (done.outcome === "appended") return ok(done.value);
    if (done.outcome === "refused") return fail(done.failure);
    if (done.outcome === "repeated") throw new InvariantError("a new entry's id stood in the journal already");
    await deps.sight.catchUp();
  }
  return fail({ code: "OVERTAKEN" });
}

async function write(
  tables: Tables,
  { input: { tenant, employee, actor }, seen }: { readonly input: IssueInput; readonly seen: number },
  { clock, random }: IssueDeps,
) {
  const person = await personByExternalId(tables, { tenant, externalId: employee });
  if (person === undefined) return { refused: { code: "PERSON_UNKNOWN" } as const };
  if (!person.active) return { refused: { code: "PERSON_INACTIVE" } as const };
  const code = newCode(random);
  const digest = digestOfCode(code);
  if (digest === undefined) throw new InvariantError("a new code can't be read back");
  const issuedAt = clock.now();
  const expiresAt = issuedAt + CODE_LIFE_MS;
  const times = { issuedAt: new Date(issuedAt), expiresAt: new Date(expiresAt) };
  await insertCode(tables, { tenant, person: person.id, digest, ...times });
  const entry = newEntry("enrolment.offered", {
    ...{ entryId: newId(random), occurredAt: issuedAt, decidedAtRevision: seen, tenant, person: person.id, actor },
    data: { person: person.id, expiresAt },
  });
  return { entries: [entry] as const, value: { code, expiresAt } };
}
