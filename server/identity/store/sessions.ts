import { and, count, desc, eq, gt, inArray, isNull, lt, notExists, or, sql } from "drizzle-orm";
import { account, block, blockLift, credential, person, session, signInFailure } from "@portner/drizzle";
import type { Tables } from "../../kernel/database.ts";

/** A session to be opened. */
export type NewSession = typeof session.$inferInsert;

/** Inserts a session and answers its key; nothing when the proof that it is given for was used before. */
export async function insertSession(tables: Tables, row: NewSession): Promise<number | undefined> {
  const used = { target: [session.credential, session.provenAt] };
  const [inserted] = await tables.insert(session).values(row).onConflictDoNothing(used).returning({ id: session.id });
  return inserted?.id;
}

/** Who holds a session. */
export type Holder = { readonly credential: number } | { readonly account: number };

/** Makes other transactions that open a session for the same holder wait for the end of this one. */
export async function lockHolder(tables: Tables, holder: Holder): Promise<void> {
  await ("credential" in holder
    ? tables.select().from(credential).where(eq(credential.id, holder.credential)).for("no key update")
    : tables.select().from(account).where(eq(account.id, holder.account)).for("no key update"));
}

function heldBy(holder: Holder) {
  return "credential" in holder ? eq(session.credential, holder.credential) : eq(session.account, holder.account);
}

/** The keys of a holder's open sessions but for the newest, `kept` in number. */
export async function openBeyond(
  tables: Tables,
  holder: Holder,
  { kept, at }: { readonly kept: number; readonly at: Date },
): Promise<number[]> {
  const rows = await tables
    .select({ id: session.id })
    .from(session)
    .where(and(heldBy(holder), isNull(session.endedAt), gt(session.expiresAt, at)))
    .orderBy(desc(session.createdAt), desc(session.id))
    .offset(kept);
  return rows.map(({ id }) => id);
}

/** When a holder's sessions were opened since `since`, the newest first, `max` of them at most. */
export async function openedSince(
  tables: Tables,
  holder: Holder,
  { since, max }: { readonly since: Date; readonly max: number },
): Promise<Date[]> {
  const rows = await tables
    .select({ createdAt: session.createdAt })
    .from(session)
    .where(and(heldBy(holder), gt(session.createdAt, since)))
    .orderBy(desc(session.createdAt))
    .limit(max);
  return rows.map(({ createdAt }) => createdAt);
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

/** Old tries that a new one takes along: more than one, so that they shrink; few, so that no try pays for a flood. */
const PRUNED_PER_TRY = 100;

/** Where a try was made, and at which login, by what stands for them. */
export interface TryAt {
  readonly loginDigest: string;
  readonly networkDigest: string;
}

/**
 * Notes a try and counts those since `since`, itself included: `own` from the same network at the same login, `all` at the
 * login from anywhere. Prunes a few old ones.
 */
export async function noteTry(tables: Tables, { loginDigest, networkDigest }: TryAt, at: Date, since: Date) {
  const first = tables.select({ id: signInFailure.id }).from(signInFailure).orderBy(signInFailure.id);
  // Tries at the same moment prune the same rows: they pass over each other's rather than wait in a circle.
  const old = tables
    .select({ id: signInFailure.id })
    .from(signInFailure)
    .where(and(inArray(signInFailure.id, first.limit(PRUNED_PER_TRY)), lt(signInFailure.at, since)))
    .for("update", { skipLocked: true });
  await tables.delete(signInFailure).where(inArray(signInFailure.id, old));
  const row = { loginDigest, networkDigest, at };
  const [written] = await tables.insert(signInFailure).values(row).returning({ id: signInFailure.id });
  const tries = await tables
    .select({
      isOwn: sql<boolean>`${signInFailure.networkDigest} = ${networkDigest}`,
      count: count(),
      oldest: sql`min(${signInFailure.at})`.mapWith(signInFailure.at),
    })
    .from(signInFailure)
    .where(and(eq(signInFailure.loginDigest, loginDigest), gt(signInFailure.at, since)))
    .groupBy(sql`1`);
  const own = tries.find(({ isOwn }) => isOwn);
  const all = tries.reduce((sum, each) => sum + each.count, 0);
  const oldest = tries.reduce((found, each) => (each.oldest < found ? each.oldest : found), at);
  return {
    id: written?.id ?? 0,
    own: { count: own?.count ?? 0, oldest: own?.oldest ?? at },
    all: { count: all, oldest },
  };
}

/** Whether more than `max` tries, at whatever logins, are noted since `since`. Reads no more rows than that. */
export async function triesExceed(tables: Tables, max: number, since: Date): Promise<boolean> {
  const last = tables
    .select({ at: signInFailure.at })
    .from(signInFailure)
    .orderBy(desc(signInFailure.id))
    .limit(max + 1)
    .as("last");
  const [recent] = await tables.select({ count: count() }).from(last).where(gt(last.at, since));
  return (recent?.count ?? 0) > max;
}

/** Forgets a single try. */
export async function forgetTry(tables: Tables, id: number): Promise<void> {
  await tables.delete(signInFailure).where(eq(signInFailure.id, id));
}

/** Forgets the tries at a login from a network after the right password. */
export async function forgetTries(tables: Tables, { loginDigest, networkDigest }: TryAt): Promise<void> {
  const own = and(eq(signInFailure.loginDigest, loginDigest), eq(signInFailure.networkDigest, networkDigest));
  await tables.delete(signInFailure).where(own);
}
