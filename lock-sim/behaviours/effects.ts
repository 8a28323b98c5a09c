/** What behaviours do to a lock's physics and radio, all of them together. Its firmware knows none of it. */
export interface Effects {
  /** Chance that a leg of a motor run stalls, 0–1. */
  readonly jamChance: number;
  /** Factor on travel times, 1 for a new lock. */
  readonly travelFactor: number;
  /** Whoever goes in leaves the door ajar. */
  readonly isLeftAjar: boolean;
  /** The radio is dead: nothing comes, nothing goes, and the connection does not even break. */
  readonly isSilent: boolean;
  /** The oscillator runs fast by this, in parts per million; slow when negative. */
  readonly clockPpm: number;
  /** Charge of the cells at the start, 0–1; `undefined` leaves them as they are. */
  readonly startCharge: number | undefined;
  /** The process dies between persisting a command and the motor. */
  readonly isCrashing: boolean;
  /** Chances of a message to be lost, doubled or overtaken, 0–1 each, in both directions. */
  readonly dropChance: number;
  readonly duplicateChance: number;
  readonly reorderChance: number;
  /** Chance of one bit turned over in a message that the lock sends, 0–1. */
  readonly garbleChance: number;
}

/** A lock as it left the factory. */
export const NO_EFFECTS: Effects = {
  jamChance: 0,
  travelFactor: 1,
  isLeftAjar: false,
  isSilent: false,
  clockPpm: 0,
  startCharge: undefined,
  isCrashing: false,
  dropChance: 0,
  duplicateChance: 0,
  reorderChance: 0,
  garbleChance: 0,
};
