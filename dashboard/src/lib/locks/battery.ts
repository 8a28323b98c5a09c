/** Four AA cells: where they are empty and where they are fresh. */
const EMPTY_MILLIVOLTS = 4_000;
const FRESH_MILLIVOLTS = 6_600;

/** Charge between 0 and 1, by the voltage at rest. */
export function chargeOf(idleMillivolts: number): number {
  const share = (idleMillivolts - EMPTY_MILLIVOLTS) / (FRESH_MILLIVOLTS - EMPTY_MILLIVOLTS);
  return Math.min(1, Math.max(0, share));
}

/** How often batteries are asked for anew while the page is live: no stream tells whoever sees only them. */
export const BATTERY_AGAIN_MS = 60_000;
