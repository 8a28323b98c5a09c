import { appendAllowing, newEntry } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { digestOfSecret, newId, newSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import type { Result } from "../kernel/result.ts";
import { SESSION_LIFE_MS } from "./cookie.ts";
import { activeAccount, activeCredential } from "./store/callers.ts";
import { insertSession, isUnblocked, type NewSession } from "./store/sessions.ts";

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

/** Who must not have a session: closed, out of validity, or blocked at any link of the chain. */
export interface SessionRefused {
  readonly code: "HOLDER_BLOCKED";
}

const REFUSED = { refused: { code: "HOLDER_BLOCKED" } } as const;

/**
 * Opens a session for a credential, with its entry. A block that commits at the same moment wins, whichever was first.
 * Rejects with JournalUnavailableError.
 */
export async function openPhoneSession(
  deps: SessionDeps,
  credential: number,
): Promise<Result<OpenedSession, SessionRefused>> {
  const opened = freshSession(deps);
  return appendAllowing<OpenedSession, SessionRefused>(deps, async (tables, decidedAt) => {
    const found = await activeCredential(tables, credential, new Date(opened.now));
    if (found === undefined || !(await isUnblocked(tables, { person: found.person.id, credential }))) return REFUSED;
    const { tenant } = found.credential;
    const session = await insertSession(tables, { ...opened.row, form: "phone", tenant, credential });
    const subjects = { tenant, credential, person: found.person.id };
    return change(deps, { ...opened, session, form: "phone", subjects, decidedAt });
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
    if (found === undefined) return REFUSED;
    if (found.person !== null && !(await isUnblocked(tables, { person: found.person }))) return REFUSED;
    const { tenant } = found;
    const session = await insertSession(tables, { ...opened.row, form: "dashboard", tenant, account });
    const subjects = { tenant, actor: account, person: found.person ?? undefined };
    return change(deps, { ...opened, session, form: "dashboard", subjects, decidedAt });
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

interface Opening extends Fresh {
  readonly session: number | undefined;
  readonly form: "phone" | "dashboard";
  readonly subjects: { readonly tenant: number; readonly person?: number | undefined };
  readonly decidedAt: number;
}

function change(deps: SessionDeps, { session, form, subjects, decidedAt, now, token, row }: Opening) {
  if (session === undefined) throw new InvariantError("an inserted session has no key");
  const entry = newEntry("session.opened", {
    entryId: newId(deps.random),
    occurredAt: now,
    decidedAtRevision: decidedAt,
    ...subjects,
    data: { session, form },
  });
  return { entries: [entry] as const, value: { session, token, expiresAt: row.expiresAt.getTime() } };
}
