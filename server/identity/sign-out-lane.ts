import { Lane } from "../graphql/allowance/lane.ts";

/**
 * Signing out gets in whatever else its caller has asked for, and nobody can do it to more sessions than he has: at most
 * `SESSIONS_OPEN_MAX`, and as many again with each `SESSIONS_WINDOW_MS`. This is more than both, so that only those are
 * refused who say the same many times at once, when the first has ended their session.
 */
export const SIGN_OUTS = new Lane({
  name: "signOuts",
  capacity: 60,
  restorePerSecond: 1,
  reserved: true,
  first: false,
});
