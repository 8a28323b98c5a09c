import { Lane } from "../graphql/allowance/lane.ts";

/**
 * Blocks get in whatever else their caller has asked for: who reports a lost phone has seconds. A stolen bag of smartkeys
 * is fifty at once; a hundred and twenty, and one a second behind them, is faster than people report.
 */
export const BLOCKS = new Lane({ name: "blocks", capacity: 120, restorePerSecond: 1, reserved: true, first: true });
