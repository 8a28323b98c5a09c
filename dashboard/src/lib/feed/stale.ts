import type { LinkState } from "../live/index.ts";

/** Whether nothing new can be in the picture: the line is lost, or the session has ended. */
export function isOld(state: LinkState): boolean {
  return state === "stale" || state === "offline" || state === "signed-out";
}
