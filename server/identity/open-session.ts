import { appendAllowing, newEntry } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database, Tables } from "../kernel/database.ts";
import { digestOfSecret, newId, newSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { SESSION_LIFE_MS } from "./cookie.ts";
import { activeAccount, activeCredential } from "./store/callers.ts";
import { endedSessionEntries } from "./ended-session-entries.ts";
import {
  endOpenSessions,
  insertSession,
  isUnblocked,
  lockHolder,
  openBeyond,
  openedSince,
  type Holder,
  type NewSession,
} from "./store/sessions.ts";

/**
 * Sessions that one phone or one account may open within {@link SESSIONS_WINDOW_MS}. People and phones open a few a day;
 * but whoever opens sessions and ends them again makes every opening that is being decided at that moment be decided anew,
 * so that nobody may do it all day long, and each session is a row and an entry that are kept.
 */
export const SESSIONS_OPENED_MAX = 10;
/** See {@link SESSIONS_OPENED_MAX}; together they are six a minute. */
export const SESSIONS_WINDOW_MS = 100_000;
/**
 * Open sessions of one phone or one account: a person has a few browsers. One more ends the oldest, so that nobody gathers
 * sessions all day to end them all at once; signing out itself is never refused.
 */
export const SESSIONS_OPEN_MAX = 10;

/** What opening a session needs. */
export interface SessionDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A session that its holder can use; the secret is nowhere else. */
export interface OpenedSession {
  readonly session: number;
  /** 256 random bits, base64url. */
  readonly token: string;
  readonly expiresAt: Instant;
}

/**
 * Why nobody got a session. `HOLDER_BLOCKED`: closed, out of validity, or blocked at any link of the chain.
 * `TOO_MANY_SESSIONS`: {@link SESSIONS_OPENED_MAX}. `PROOF_USED`: a session was opened by this proof before.
 */
export type SessionRefused =
  | { readonly code: "HOLDER_BLOCKED" }
  | { readonly code: "TOO_MANY_SESSIONS"; readonly retryAfterMs: number }
  | { readonly code: "PROOF_USED" };

const BLOCKED = { refused: { code: "HOLDER_BLOCKED" } } as const;

/**
 * Opens a session for a credential, with its entry; by a proof, with the time when that was signed. A block that commits
 * at the same moment wins, whichever was first. Rejects with JournalUnavailableError.
 */
export async function openPhoneSession(
  deps: SessionDeps,
  credential: number,
  provenAt?: Instant,
): Promise<Result<OpenedSession, SessionRefused>> {
  const opened = freshSession(deps);
  return appendAllowing<OpenedSession, SessionRefused>(deps, async (tables, decidedAt) => {
    const found = await activeCredential(tables, credential, new Date(opened.now));
    if (found === undefined || !(await isUnblocked(tables, { person: found.person.id, credential }))) return BLOCKED;
    const { tenant } = found.credential;
    const made = await insertWithinLimit(tables, { credential }, opened, {
      ...{ form: "phone", tenant, credential },
      provenAt: provenAt === undefined ? null : new Date(provenAt),
    });
    if (!made.ok) return { refused: made.failure };
    const subjects = { tenant, credential, person: found.person.id };
    return change(deps, { ...opened, ...made.value, form: "phone", subjects, decidedAt });
  });
}

/** Opens a session for an account whose password was right; as {@link openPhoneSession}. */
export async function openDashboardSession(
  deps: SessionDeps,
  account: number,
): Promise<Result<OpenedSession, SessionRefused>> {
  const opened = freshSession(deps);
  return appendAllowing<OpenedSession, SessionRefused>(deps, async (tables, decidedAt) => {
    const found = await activeAccount(tables, account);
    if (found === undefined) return BLOCKED;
    if (found.person !== null && !(await isUnblocked(tables, { person: found.person }))) return BLOCKED;
    const { tenant } = found;
    const made = await insertWithinLimit(tables, { account }, opened, { form: "dashboard", tenant, account });
    if (!made.ok) return { refused: made.failure };
    const subjects = { tenant, actor: account, person: found.person ?? undefined };
    return change(deps, { ...opened, ...made.value, form: "dashboard", subjects, decidedAt });
  });
}

interface Fresh {
  readonly now: Instant;
  readonly token: string;
  readonly row: Pick<NewSession, "tokenDigest" | "createdAt" | "expiresAt">;
}

function freshSession({ clock, random }: SessionDeps): Fresh {
  const now = clock.now();
  const token = newSecret(random);
  const expiresAt = new Date(now + SESSION_LIFE_MS);
  return { now, token, row: { tokenDigest: digestOfSecret(token), createdAt: new Date(now), expiresAt } };
}

interface Made {
  readonly session: number;
  /** Sessions of the same holder that ended for it. */
  readonly replaced: readonly number[];
}

/** Under the holder's lock, so that many at once, on whichever hubs, are counted one after another. */
async function insertWithinLimit(
  tables: Tables,
  holder: Holder,
  { now, row }: Fresh,
  whose: Omit<NewSession, keyof Fresh["row"]>,
): Promise<Result<Made, SessionRefused>> {
  await lockHolder(tables, holder);
  const since = new Date(now - SESSIONS_WINDOW_MS);
  const opened = await openedSince(tables, holder, { since, max: SESSIONS_OPENED_MAX });
  const first = opened[SESSIONS_OPENED_MAX - 1];
  if (first !== undefined) {
    return fail({ code: "TOO_MANY_SESSIONS", retryAfterMs: first.getTime() + SESSIONS_WINDOW_MS - now });
  }
  const session = await insertSession(tables, { ...row, ...whose });
  if (session === undefined) return fail({ code: "PROOF_USED" });
  const at = new Date(now);
  const beyond = await openBeyond(tables, holder, { kept: SESSIONS_OPEN_MAX, at });
  return ok({ session, replaced: await endOpenSessions(tables, { sessions: beyond }, at) });
}

interface Opening extends Fresh, Made {
  readonly form: "phone" | "dashboard";
  readonly subjects: { readonly tenant: number; readonly person?: number | undefined };
  readonly decidedAt: number;
}

function change(deps: SessionDeps, { session, replaced, form, subjects, decidedAt, now, token, row }: Opening) {
  const entry = newEntry("session.opened", {
    entryId: newId(deps.random),
    occurredAt: now,
    decidedAtRevision: decidedAt,
    ...subjects,
    data: { session, form },
  });
  const ended = endedSessionEntries(deps, { tenant: subjects.tenant, sessions: replaced, cause: "REPLACED" });
  return { entries: [entry, ...ended] as const, value: { session, token, expiresAt: row.expiresAt.getTime() } };
}
