import { append, newEntry } from "../journal/index.ts";
import { newId } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { digestOfLogin } from "./login-digest.ts";
import { openDashboardSession, type OpenedSession, type SessionDeps } from "./open-session.ts";
import { PASSWORD_CHARACTERS, type Passwords } from "./password.ts";
import { accountByLogin } from "./store/accounts.ts";
import { forgetTries, forgetTry, noteTry, triesExceed } from "./store/sessions.ts";

/** Tries at one login from one network within the window; people mistype a few times, programs guess thousands. */
export const SIGN_IN_TRIES_MAX = 10;
/**
 * The same from all networks together. Far above the other: else whoever knows a login keeps its holder out, from
 * wherever, and the hotline could not block a lost phone.
 */
export const SIGN_IN_TRIES_FROM_ALL_MAX = 100;
/** See {@link SIGN_IN_TRIES_MAX}. */
export const SIGN_IN_WINDOW_MS = 15 * 60_000;
/**
 * Wrong tries at all logins together, within the same window, that the journal tells one by one; the next is told as
 * `THROTTLED` for {@link ALL_LOGINS}, and then no more. A town's morning of mistyping stays far below it; a program that
 * makes up a login for each try would otherwise fill a journal that is kept for years. Nobody is kept out by it: else
 * anyone could keep a whole town from its dashboards, and from blocking a lost phone.
 */
export const REFUSALS_TOLD_MAX = 300;
/** What stands in the place of a login's digest when all logins together are meant. */
export const ALL_LOGINS = "all logins";
/** A login is an address or a user id. */
export const LOGIN_CHARACTERS_MAX = 200;

/**
 * Why somebody was not let in. `REFUSED` says on purpose neither whether the login exists, nor whether it is blocked.
 */
export type SignInFailure =
  | { readonly code: "REFUSED" }
  | { readonly code: "BUSY" }
  | { readonly code: "TOO_MANY_TRIES"; readonly retryAfterMs: number };

/** What signing in needs. */
export interface SignInDeps extends SessionDeps {
  readonly passwords: Passwords;
}

type RefusalCause = "UNKNOWN_OR_WRONG" | "THROTTLED" | "BLOCKED";

/** Logins are compared without regard to case and to blanks around them. */
export function foldLogin(login: string): string {
  return login.trim().normalize("NFC").toLowerCase();
}

/**
 * Lets an individual in. Every try is noted before its password is looked at, so that tries at once are counted too; the
 * right password forgets them. Refusals stand in the journal, up to {@link REFUSALS_TOLD_MAX} a window, and a throttled
 * login once a window.
 */
export async function signIn(
  deps: SignInDeps,
  input: { readonly login: string; readonly password: string; readonly network: string },
): Promise<Result<OpenedSession, SignInFailure>> {
  const login = foldLogin(input.login);
  const { tables } = deps.database;
  const loginDigest = await digestOfLogin({ ...deps, tables }, login);
  const now = deps.clock.now();
  const windowStart = new Date(now - SIGN_IN_WINDOW_MS);
  const at = { loginDigest, networkDigest: await digestOfLogin({ ...deps, tables }, `from ${input.network}`) };
  const tried = await noteTry(tables, at, new Date(now), windowStart);
  const beyond = tried.own.count > SIGN_IN_TRIES_MAX ? tried.own : tried.all;
  const max = beyond === tried.own ? SIGN_IN_TRIES_MAX : SIGN_IN_TRIES_FROM_ALL_MAX;
  if (beyond.count > max) {
    // The first one too many stays, so that the entry is written once; later ones don't lengthen the wait.
    if (beyond.count > max + 1) await forgetTry(tables, tried.id);
    else await tellRefusal(deps, "THROTTLED", loginDigest);
    return fail({ code: "TOO_MANY_TRIES", retryAfterMs: beyond.oldest.getTime() + SIGN_IN_WINDOW_MS - now });
  }
  const account = login.length > LOGIN_CHARACTERS_MAX ? undefined : await accountByLogin(tables, login);
  const usable = account?.active === true ? account : undefined;
  const password = input.password.slice(0, PASSWORD_CHARACTERS.max + 1);
  const right = await deps.passwords.matches(password, usable?.passwordHash);
  if (right === "busy") return fail({ code: "BUSY" });
  if (!right || usable === undefined) {
    await tellRefusal(deps, "UNKNOWN_OR_WRONG", loginDigest, account?.tenant);
    return fail({ code: "REFUSED" });
  }
  const opened = await openDashboardSession(deps, usable.id);
  if (!opened.ok) {
    if (opened.failure.code === "TOO_MANY_SESSIONS") {
      // The password was right; and whoever tries on until he may would be locked out as one who guesses.
      await forgetTries(tables, at);
      return fail({ code: "TOO_MANY_TRIES", retryAfterMs: opened.failure.retryAfterMs });
    }
    await journalRefusal(deps, "BLOCKED", loginDigest, usable.tenant);
    return fail({ code: "REFUSED" });
  }
  await forgetTries(tables, at);
  return ok(opened.value);
}

/** Journals a refusal that anyone can bring about, within {@link REFUSALS_TOLD_MAX}. */
async function tellRefusal(deps: SignInDeps, cause: RefusalCause, loginDigest: string, tenant?: number): Promise<void> {
  const { tables } = deps.database;
  const now = deps.clock.now();
  const windowStart = new Date(now - SIGN_IN_WINDOW_MS);
  if (!(await triesExceed(tables, REFUSALS_TOLD_MAX, windowStart))) {
    return journalRefusal(deps, cause, loginDigest, tenant);
  }
  // Kept like a try, so that the hubs of one database tell it once a window.
  const everybody = { loginDigest: ALL_LOGINS, networkDigest: "" };
  const told = await noteTry(tables, everybody, new Date(now), windowStart);
  if (told.all.count > 1) await forgetTry(tables, told.id);
  else await journalRefusal(deps, "THROTTLED", ALL_LOGINS);
}

async function journalRefusal(
  deps: SignInDeps,
  cause: RefusalCause,
  loginDigest: string,
  tenant?: number,
): Promise<void> {
  const entry = newEntry("session.refused", {
    entryId: newId(deps.random),
    occurredAt: deps.clock.now(),
    tenant,
    data: { cause, loginDigest },
  });
  await append(deps, () => Promise.resolve({ entries: [entry] as const, value: undefined }));
}
