import type { RequestContext } from "./caller.ts";
import { TELLING_MS } from "./limits.ts";

/**
 * How long a resolver may wait on purpose, in milliseconds: as long as it wants, but never until its operation's time is
 * up, whatever went before. Else the caller would hear of a time-out where it could hear what has been done.
 */
export function patienceMs({ leftMs }: Pick<RequestContext, "leftMs">, wantedMs: number): number {
  return leftMs === undefined ? wantedMs : Math.max(0, Math.min(wantedMs, leftMs() - TELLING_MS));
}
