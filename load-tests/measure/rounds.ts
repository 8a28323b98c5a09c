import { LoadError } from "../fault.ts";

/** Fewer valid rounds than this claim nothing. */
export const ROUNDS_MIN = 5;
/** A machine that is never quiet is given up on. */
export const ROUNDS_MAX = 15;
/** A round in which the floor moved by more than this tells about the machine, not about us. */
export const FLOOR_MOVE_MAX = 0.1;

/** What one turn of one contestant measured: figures by name, all of them rates or all of them times. */
export type Sample = Readonly<Record<string, number>>;

/** Somebody who is measured. */
export interface Contestant {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
}

/** A measurement in which contestants take turns around the floor. */
export interface Match {
  readonly floor: Contestant;
  readonly others: readonly Contestant[];
  /** The figure of the floor by which its rounds are judged. */
  readonly steady: string;
}

/** One round: the floor first and last, everybody else between. */
export interface Round {
  readonly valid: boolean;
  /** How far the floor's two turns lie apart, as a share of their mean. */
  readonly floorMoved: number;
  /** By contestant's name; the floor's is the mean of its two turns. */
  readonly samples: Readonly<Record<string, Sample>>;
}

/** Plays rounds until enough are valid, or the most have been played. */
export async function playRounds(match: Match, tell: (sentence: string) => void): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  while (rounds.length < ROUNDS_MAX && rounds.filter(({ valid }) => valid).length < ROUNDS_MIN) {
    const round = await playRound(match);
    rounds.push(round);
    const moved = `${(round.floorMoved * 100).toFixed(1)} %`;
    tell(`round ${rounds.length}: the floor moved ${moved}${round.valid ? "" : ", void"}`);
  }
  return rounds;
}

async function playRound({ floor, others, steady }: Match): Promise<Round> {
  const before = await floor.measure();
  const samples: Record<string, Sample> = {};
  for (const { name, measure } of others) samples[name] = await measure();
  const after = await floor.measure();
  const mean = (name: string): number => ((before[name] ?? Number.NaN) + (after[name] ?? Number.NaN)) / 2;
  samples[floor.name] = Object.fromEntries(Object.keys(before).map((name) => [name, mean(name)]));
  const floorMoved = Math.abs((before[steady] ?? Number.NaN) - (after[steady] ?? Number.NaN)) / mean(steady);
  if (Number.isNaN(floorMoved)) throw new LoadError("FLOOR_UNMEASURED", `the floor has no figure \`${steady}\``);
  return { valid: floorMoved <= FLOOR_MOVE_MAX, floorMoved, samples };
}

/** A figure of one contestant over that of another, round by round; of valid rounds, or of all where too few are. */
export function ratiosOf(
  rounds: readonly Round[],
  { of, to, figure }: { readonly of: string; readonly to: string; readonly figure: string },
): readonly number[] {
  const counted = countedRounds(rounds);
  return counted.map(({ samples }) => (samples[of]?.[figure] ?? Number.NaN) / (samples[to]?.[figure] ?? Number.NaN));
}

/** One contestant's figure, round by round, of the rounds that count. */
export function valuesOf(rounds: readonly Round[], of: string, figure: string): readonly number[] {
  return countedRounds(rounds).map(({ samples }) => samples[of]?.[figure] ?? Number.NaN);
}

/** Whether too few rounds were valid to claim anything. */
export function isNoisy(rounds: readonly Round[]): boolean {
  return rounds.filter(({ valid }) => valid).length < ROUNDS_MIN;
}

function countedRounds(rounds: readonly Round[]): readonly Round[] {
  const valid = rounds.filter((round) => round.valid);
  return valid.length < ROUNDS_MIN ? rounds : valid;
}
