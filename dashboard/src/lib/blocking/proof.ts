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
  | "proven";

/** Where a block stands at a time. */
export function proofStage({ reach, commandsUntil, denyUntil }: BlockState, nowMs: number): ProofStage {
  if (reach === null) return "untold";
  const isEverywhere = reach.hubsApplied >= reach.hubsTotal && (reach.locksProven ?? 0) >= (reach.locksTotal ?? 0);
  if (isEverywhere || nowMs >= Date.parse(denyUntil)) return "proven";
  return nowMs < Date.parse(commandsUntil) ? "running-out" : "residual";
}

/** When to ask again about some blocks; `undefined`: there is nothing more to come. */
export function pauseMs(blocks: readonly BlockState[], nowMs: number): number | undefined {
  const open = blocks.filter((block) => proofStage(block, nowMs) !== "proven");
  if (open.length === 0) return undefined;
  const age = Math.min(...open.map(({ placedAt }) => nowMs - Date.parse(placedAt)));
  if (age < FRESH_MS) return FRESH_PAUSE_MS;
  return age < CONTRACT_MS ? CONTRACT_PAUSE_MS : LATER_PAUSE_MS;
}
