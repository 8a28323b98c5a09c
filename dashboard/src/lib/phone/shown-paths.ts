import type { PhonePath } from "./documents.ts";
import type { Press } from "./press.svelte.ts";
import { OLD_MS } from "./press-words.ts";

/** A way in that was pressed. */
export interface Pressed {
  readonly path: PhonePath;
  readonly press: Pick<Press, "isUnderWay" | "state" | "endedAtMs">;
}

/**
 * The ways in that are shown: all that may be opened, and before them those that may not any more but whose press still
 * says something: it is under way, nobody knows how it ended, or it ended a moment ago and its holder reads why.
 */
export function shownPaths(
  paths: readonly PhonePath[],
  pressed: Iterable<Pressed>,
  nowMs: number,
): readonly PhonePath[] {
  const mine = new Set(paths.map(({ id }) => id));
  const gone = [...pressed].filter(({ path, press }) => !mine.has(path.id) && isTold(press, nowMs));
  return gone.length === 0 ? paths : [...gone.map(({ path }) => path), ...paths];
}

function isTold({ isUnderWay, state, endedAtMs }: Pressed["press"], nowMs: number): boolean {
  return isUnderWay || state.kind === "unknown" || (endedAtMs !== undefined && nowMs - endedAtMs < OLD_MS);
}
