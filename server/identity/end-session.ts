import { append, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import type { SessionDeps } from "./open-session.ts";
import type { DashboardPrincipal, PhonePrincipal } from "./principal.ts";
import { endOpenSessions, type Whose } from "./store/sessions.ts";

/**
 * Makes the function with which a use case ends sessions in its own transaction; it answers the keys of the sessions that
 * it ended, which the caller journals as `session.ended` by {@link endedSessionEntries}.
 */
export function createEndSessions(clock: Clock): (tables: Tables, whose: Whose) => Promise<readonly number[]> {
  return (tables, whose) => endOpenSessions(tables, whose, new Date(clock.now()));
}

/** Signs out. Answers whether it was this call that ended the session. */
export async function signOut(deps: SessionDeps, who: DashboardPrincipal | PhonePrincipal): Promise<boolean> {
  const now = deps.clock.now();
  const done = await append<true, "ENDED_BEFORE">(deps, async (tables) => {
    const [session] = await endOpenSessions(tables, { sessions: [who.session] }, new Date(now));
    if (session === undefined) return { refused: "ENDED_BEFORE" };
    const entry = newEntry("session.ended", {
      entryId: newId(deps.random),
      occurredAt: now,
      tenant: who.tenant,
      person: who.person,
      ...(who.kind === "phone" ? { credential: who.credential } : { actor: who.account }),
      data: { sessions: [session], cause: "SIGNED_OUT" },
    });
    return { entries: [entry], value: true };
  });
  return done.outcome === "appended";
}
