import { m } from "#messages";
import { failureOf } from "#lib/graphql/index.ts";

/** Shown where the hub did not say how long the pause is. */
const PAUSE_MINUTES = 15;

/** Why nobody was signed in, in words: the database is named only where it is the reason. */
export function failureText({ code, minutes }: { readonly code: string; readonly minutes: number }): string {
  switch (code) {
    case "SIGN_IN_REFUSED":
      return m.sign_in_refused();
    case "TOO_MANY_TRIES":
      return m.sign_in_throttled({ minutes: minutes === 0 ? PAUSE_MINUTES : minutes });
    case "RATE_LIMITED":
      return m.ui_rate_limited();
    case "BUSY":
      return m.sign_in_busy();
    case "JOURNAL_UNAVAILABLE":
      return m.sign_in_away();
    default:
      return failureOf(code, "").kind === "invalid" ? m.sign_in_unfit() : m.sign_in_failed({ code });
  }
}
