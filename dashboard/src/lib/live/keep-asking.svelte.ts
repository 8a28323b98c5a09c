import { untrack } from "svelte";
import type { LiveClock } from "./clock.svelte.ts";
import type { Link } from "./link.svelte.ts";

/** So many questions in a row may go unanswered before what is known counts as old. */
const TURNS_MISSED = 3;

/** What is asked again and again. */
export interface Asking {
  readonly link: Pick<Link, "isLive" | "returns">;
  readonly everyMs: number;
  readonly ask: () => unknown;
}

/**
 * Keeps something new that no stream tells of: asks every `everyMs` while the page is live and seen, and at once when the
 * line or the viewer is back. Only while a component is made.
 */
export function keepAsking({ link, everyMs, ask }: Asking): void {
  $effect(() => {
    const { returns } = link;
    const askWhereSeen = (): void => {
      if (link.isLive && document.visibilityState === "visible") ask();
    };
    const again = setInterval(askWhereSeen, everyMs);
    document.addEventListener("visibilitychange", askWhereSeen);
    if (returns > 0) untrack(ask);
    return () => {
      clearInterval(again);
      document.removeEventListener("visibilitychange", askWhereSeen);
    };
  });
}

/**
 * Whether an answer may still be shown as how things are: over a whole line, and asked for not long ago. Until the line is
 * up for the first time, what came with the page is as fresh as the page.
 */
export function isCurrent(
  { link, clock }: { readonly link: Pick<Link, "state">; readonly clock: Pick<LiveClock, "nowMs"> },
  { atMs, everyMs }: { readonly atMs: number | undefined; readonly everyMs: number },
): boolean {
  if (atMs === undefined || (link.state !== "live" && link.state !== "connecting")) return false;
  return clock.nowMs - atMs < TURNS_MISSED * everyMs;
}
