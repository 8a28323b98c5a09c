import { and, count, eq, gt, inArray, isNull, lt, notExists, or, sql } from "drizzle-orm";
import { account, block, blockLift, credential, person, session, signInFailure } from "@portner/drizzle";
import type { Tables } from "../../kernel/database.ts";

/** A session to be opened. */
export type NewSession = typeof session.$inferInsert;

/** Inserts a session and answers its key. */
export async function insertSession(tables: Tables, row: NewSession): Promise<number | undefined> {
  const [inserted] = await tables.insert(session).values(row).returning({ id: session.id });
  return inserted?.id;
}

/** Whose sessions to end. */
export interface Whose {
  readonly sessions?: readonly number[];
  readonly accounts?: readonly number[];
  readonly credentials?: readonly number[];
  /** Of these people: on their phones and on the dashboard. */
  readonly persons?: readonly number[];
}

/** Ends what is still open; answers the keys of the sessions that this very call ended. */
export async function endOpenSessions(tables: Tables, whose: Whose, at: Date): Promise<number[]> {
  const { sessions = [], accounts = [], credentials = [], persons = [] } = whose;
  const theirPhones = tables
    .select({ id: credential.id })
    .from(credential)
    .where(inArray(credential.person, [...persons]));
  const theirAccounts = tables
    .select({ id: account.id })
    .from(account)
    .where(inArray(account.person, [...persons]));
  const any = or(
    sessions.length > 0 ? inArray(session.id, [...sessions]) : undefined,
    accounts.length > 0 ? inArray(session.account, [...accounts]) : undefined,
    credentials.length > 0 ? inArray(session.credential, [...credentials]) : undefined,
    persons.length > 0 ? inArray(session.credential, theirPhones) : undefined,
    persons.length > 0 ? inArray(session.account, theirAccounts) : undefined,
  );
  if (any === undefined) return [];
  const open = and(isNull(session.endedAt), gt(session.expiresAt, at), any);
  const ended = await tables.update(session).set({ endedAt: at }).where(open).returning({ id: session.id });
  return ended.map((row) => row.id);
}

/** Whether nothing on the chain of a person, and of the credential if one is given, is blocked. */
export async function isUnblocked(tables: Tables, whose: { person: number; credential?: number }): Promise<boolean> {
  const lifted = tables.select().from(blockLift).where(eq(blockLift.block, block.id));
  const on = (type: typeof block.$inferSelect.subjectType, subject: unknown) =>
    and(eq(block.subjectType, type), sql`${block.subject} = ${subject}`);
  const subjects = [on("person", person.id), on("department", person.department), on("provider", person.provider)];
  if (whose.credential !== undefined) subjects.push(on("credential", whose.credential));
  const [found] = await tables
    .select({ block: block.id })
    .from(person)
    .innerJoin(block, or(...subjects))
    .where(and(eq(person.id, whose.person), notExists(lifted)))
    .limit(1);
  return found === undefined;
}

/** Notes a try at a login, and answers how many there were since `since`, this one included. */
export async function noteTry(tables: Tables, loginDigest: string, at: Date, since: Date) {
  const [row] = await tables.insert(signInFailure).values({ loginDigest, at }).returning({ id: signInFailure.id });
  const recent = and(eq(signInFailure.loginDigest, loginDigest), gt(signInFailure.at, since));
  const [tries] = await tables
    .select({ count: count(), oldest: sql`min(${signInFailure.at})`.mapWith(signInFailure.at) })
    .from(signInFailure)
    .where(recent);
  return { id: row?.id ?? 0, count: tries?.count ?? 0, oldest: tries?.oldest ?? at };
}

/** Forgets a single try. */
export async function forgetTry(tables: Tables, id: number): Promise<void> {
  await tables.delete(signInFailure).where(eq(signInFailure.id, id));
}

/** Forgets the tries at a login after the right password, and everybody's that are older than `before`. */
export async function forgetTries(tables: Tables, loginDigest: string, before: Date): Promise<void> {
  const gone = or(eq(signInFailure.loginDigest, loginDigest), lt(signInFailure.at, before));
  await tables.delete(signInFailure).where(gone);
}
