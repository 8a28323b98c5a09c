import type { BlockState } from "./documents.ts";

/** Locks that are connected prove a block within seconds. */
const FRESH_MS = 30_000;
const FRESH_PAUSE_MS = 1_000;
/** Within the three minutes that the contract gives. */
const CONTRACT_MS = 180_000;
const CONTRACT_PAUSE_MS = 5_000;
const LATER_PAUSE_MS = 30_000;

/** How far a block is from being proven everywhere. */
export type ProofStage =
  /** Its reach can't be read; nothing is claimed. */
  | "untold"
  /** Commands from before the block may still be good. */
  | "running-out"
  /** No command from before is good; some locks have not said that they know it. */
  | "residual"
  /** Nothing from before is good any more, whether a lock has said that it knows the block or not. */
  | "expired"
  | "proven";

/** Where a block stands at a time. */
export function proofStage({ reach, commandsUntil, denyUntil }: BlockState, nowMs: number): ProofStage {
  if (reach === null) return "untold";
  const isEverywhere = reach.hubsApplied >= reach.hubsTotal && (reach.locksProven ?? 0) >= (reach.locksTotal ?? 0);
  if (isEverywhere) return "proven";
  if (nowMs >= Date.parse(denyUntil)) return "expired";
  return nowMs < Date.parse(commandsUntil) ? "running-out" : "residual";
}

/** Locks that have not proven a block: also those that the hub does not name, of whom it names only the first. */
export function unprovenCount({ locksProven, locksTotal, residual }: NonNullable<BlockState["reach"]>): number {
  return Math.max(residual.length, (locksTotal ?? 0) - (locksProven ?? 0));
}

/** The text that all rows of a list share, where there are several: it is said once instead of in each. */
export function sharedText(texts: readonly string[]): string | undefined {
  return texts.length > 1 && new Set(texts).size === 1 ? texts[0] : undefined;
}

/** Steps of the bar: each is wide enough to be seen missing. */
export const BAR_STEPS = 20;

/** Steps of the bar that are full: never all of them before every lock has proven the block. */
export function fullSteps(proven: number, total: number): number {
  return proven >= total ? BAR_STEPS : Math.floor((proven / total) * BAR_STEPS);
}

/** When to ask again about some blocks; `undefined`: there is nothing more to come. */
export function pauseMs(blocks: readonly BlockState[], nowMs: number): number | undefined {
  const open = blocks.filter((block) => !["proven", "expired"].includes(proofStage(block, nowMs)));
  if (open.length === 0) return undefined;
  const age = Math.min(...open.map(({ placedAt }) => nowMs - Date.parse(placedAt)));
  if (age < FRESH_MS) return FRESH_PAUSE_MS;
  return age < CONTRACT_MS ? CONTRACT_PAUSE_MS : LATER_PAUSE_MS;
}
