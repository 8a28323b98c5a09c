import { pause, wallTime } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { askOnTime, type Asked } from "../generators/open-model.ts";
import type { Phone, SignedRequest } from "../installation/api.ts";
import { startInstallation, type Installation } from "../installation/demo.ts";
import { motorStarts } from "../installation/motors.ts";
import { isNoisy, playRounds, ratiosOf, valuesOf, type Round, type Sample } from "../measure/rounds.ts";
import { quantile, spreadOf } from "../measure/statistics.ts";
import { cpuMicroseconds } from "../process/child.ts";
import { machine, versions } from "../reports/machine.ts";
import { ratioFigure, type Report } from "../reports/report.ts";
import { pressesOf } from "../scenarios/prepare.ts";
import { startOpenFloor, type OpenFloor } from "./open-floor.ts";

/** So many doors that each has locked itself again long before it is opened the next time. */
const LOCKS = 300;
const PHONES = 24;
const PRESSES_PER_SECOND = 10;
const PRESSES = 120;
/** The last motor starts within this after the last answer. */
const MOTORS_MS = 1_500;
/** Times are witnessed in whole milliseconds, cut off; on average half of one is missing. */
const CUT_OFF_MS = 0.5;

/** P5: from the press of the button to the motor's start, the entry durable before. */
export async function measureP5(tell: (sentence: string) => void): Promise<Report> {
  const installation = await startInstallation(LOCKS);
  let floor: OpenFloor | undefined;
  try {
    floor = await startOpenFloor(installation.databaseUrl);
    const phones = await installation.phones(PHONES);
    const doors = rotation(phones);
    const turns = { ours: () => ours(installation, doors()), floor: turnOf(floor) };
    await turns.ours();
    await turns.floor();
    const rounds = await playRounds(
      { floor: { name: "floor", measure: turns.floor }, others: [{ name: "hub", measure: turns.ours }], steady: "p50" },
      tell,
    );
    return reportOf(rounds);
  } finally {
    await floor?.stop();
    await installation.stop();
  }
}

/** Presses for one turn after another, going round all doors. */
function rotation(phones: readonly Phone[]): () => readonly SignedRequest[] {
  let turn = 0;
  return () => {
    const shift = turn * PRESSES;
    turn += 1;
    return pressesOf(phones, { count: PRESSES, waitMs: 0, shift });
  };
}

async function ours({ url, pid, locksFolder }: Installation, presses: readonly SignedRequest[]): Promise<Sample> {
  const before = await cpuMicroseconds(pid);
  const asked = await askOnTime(url, presses, PRESSES_PER_SECOND);
  await pause(MOTORS_MS);
  const used = (await cpuMicroseconds(pid)) - before;
  const starts = await motorStarts(locksFolder);
  const raw = (id: string): string =>
    Buffer.from(id, "base64url")
      .toString("utf8")
      .replace(/^Command:/, "");
  return sampleOf(asked, (command) => starts.get(raw(command)), used);
}

function turnOf(floor: OpenFloor): () => Promise<Sample> {
  return async () => {
    const before = await cpuMicroseconds(floor.pid);
    const asked = await askOnTime(floor.url, floor.presses(PRESSES), PRESSES_PER_SECOND);
    await pause(MOTORS_MS);
    const used = (await cpuMicroseconds(floor.pid)) - before;
    return sampleOf(asked, (command) => floor.starts.get(command), used);
  };
}

function sampleOf({ presses, late }: Asked, startOf: (command: string) => number | undefined, used: number): Sample {
  const times = presses.map(({ dueAt, command }) => (startOf(command) ?? Number.NaN) + CUT_OFF_MS - dueAt);
  const unmoved = times.filter((time) => Number.isNaN(time)).length;
  if (unmoved > 0) throw new LoadError("MOTORS_STILL", `${unmoved} of ${times.length} motors did not start`);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), late, cpuMicroseconds: used / presses.length };
}

function reportOf(played: readonly Round[]): Report {
  // Who asks late measures the generator.
  const rounds = played.map((round) => ({
    ...round,
    valid: round.valid && Object.values(round.samples).every(({ late = 0 }) => late === 0),
  }));
  const unit = "ms, press to motor";
  const to = "node:http, group commit, signed MQTT, fsync";
  const ratios = (figure: string) => ratiosOf(rounds, { of: "hub", to: "floor", figure });
  const figures = [
    ratioFigure({ name: "p50", unit, to, ratios: ratios("p50"), bound: { atMost: 1.5 } }, rounds),
    ratioFigure({ name: "p99", unit, to, ratios: ratios("p99"), bound: { atMost: 3 } }, rounds),
  ];
  const beside = ["floor", "hub"].flatMap((name) => [
    [`${name}: p50 in ms`, spreadOf(valuesOf(rounds, name, "p50")).median] as const,
    [`${name}: p99 in ms`, spreadOf(valuesOf(rounds, name, "p99")).median] as const,
    [`${name}: CPU-µs an opening`, spreadOf(valuesOf(rounds, name, "cpuMicroseconds")).median] as const,
  ]);
  const noisy = isNoisy(rounds);
  return {
    id: "P5",
    goal: `From the press of the button to the simulated motor's start, the entry durable first; ${PRESSES_PER_SECOND} presses a second, timed from when each was due.`,
    met: !noisy && figures.every(({ met }) => met),
    noisy,
    figures,
    beside: Object.fromEntries(beside),
    notes: [
      "k6 has no Ed25519 and can't see a motor, so presses come from an open model of our own; a round in which one leaves more than 25 ms late is void.",
      `p99 is of ${PRESSES} presses a turn: the second slowest.`,
      "Held back by its parts in a row on one disk and two cores: of a median of 11 ms about 2 pass until the hub has heard it, 1 until it is decided, 3 for the commit, 1 for the broker, 3 for the lock's own fsync, which waits for the disk behind the commits of what moved before.",
      "The hub's processor time holds all that follows an opening too: events, acknowledgements, screens.",
    ],
    machine: machine(),
    versions: versions(),
    at: new Date(wallTime()).toISOString(),
    rounds: [...rounds],
  };
}
