/** Idle voltage of four fresh AA cells, in millivolts. */
const FULL_MILLIVOLTS = 6_400;
/** Idle voltage when they are empty, in millivolts. */
const EMPTY_MILLIVOLTS = 4_400;
/** How far fresh cells sag under the motor, in millivolts; a growing inner resistance makes it more. */
const SAG_FULL_MILLIVOLTS = 250;
const SAG_EMPTY_MILLIVOLTS = 1_300;
/** Below this the motor stands still, in millivolts. */
export const MOTOR_MILLIVOLTS_MIN = 3_800;
/** Charge that one leg takes: a set lasts 20,000 legs, about ten years of three visits a day if it lay forever. */
const CHARGE_PER_LEG = 1 / 20_000;
/** Charge that a day of listening takes: three years of standby. */
const CHARGE_PER_DAY = 1 / 1_095;
const DAY_MS = 86_400_000;

/** Battery at rest, in millivolts: flat for most of its life, then falling fast, as alkaline cells do. */
export function idleMillivolts(charge: number): number {
  const shape = 0.75 * charge + 0.25 * (1 - (1 - charge) ** 6);
  return Math.round(EMPTY_MILLIVOLTS + (FULL_MILLIVOLTS - EMPTY_MILLIVOLTS) * shape);
}

/** Lowest voltage while the motor runs, in millivolts. */
export function loadMillivolts(charge: number): number {
  const sag = SAG_FULL_MILLIVOLTS + (SAG_EMPTY_MILLIVOLTS - SAG_FULL_MILLIVOLTS) * (1 - charge) ** 3;
  return Math.round(idleMillivolts(charge) - sag);
}

/** What is left of a charge (0–1) after `legs` of motor runs and `idleMs` of listening, with wear scaled by `speed`. */
export function drained(
  charge: number,
  use: { readonly legs: number; readonly idleMs: number; readonly speed: number },
): number {
  const taken = use.legs * CHARGE_PER_LEG + (use.idleMs / DAY_MS) * CHARGE_PER_DAY;
  return Math.max(0, charge - taken * use.speed);
}
