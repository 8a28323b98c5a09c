import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Round } from "../measure/rounds.ts";
import { isNoisy, ROUNDS_MIN } from "../measure/rounds.ts";
import { spreadOf } from "../measure/statistics.ts";

/** Where reports are kept. */
export const REPORTS = fileURLToPath(new URL(".", import.meta.url));

const Spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
const Figure = z.object({
  name: z.string(),
  unit: z.string(),
  /** Over its floor or peer; a plain figure has a `value` instead. */
  ratio: Spread.optional(),
  value: z.number().optional(),
  to: z.string(),
  goal: z.string(),
  met: z.boolean(),
});
/** One figure of a report. */
export type Figure = z.infer<typeof Figure>;

/** A report as it is committed. */
export const Report = z.object({
  id: z.string(),
  goal: z.string(),
  met: z.boolean(),
  /** Too few rounds were valid: published, and nothing claimed. */
  noisy: z.boolean(),
  figures: z.array(Figure),
  /** Other numbers of the same run, such as microseconds of processor time a unit. */
  beside: z.record(z.string(), z.number()),
  /** What the figures leave out, and what holds back what was missed. */
  notes: z.array(z.string()),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  versions: z.record(z.string(), z.string()),
  at: z.string(),
  rounds: z.array(
    z.object({
      /** Absent, as is how much it moved, where there is no floor. */
      valid: z.boolean().optional(),
      floorMoved: z.number().optional(),
      samples: z.record(z.string(), z.record(z.string(), z.number())),
    }),
  ),
});
/** See {@link Report}. */
export type Report = z.infer<typeof Report>;

/** A figure that is a ratio, as it was measured. */
export interface RatioFigure {
  readonly name: string;
  readonly unit: string;
  readonly to: string;
  readonly ratios: readonly number[];
  /** How good is good enough. */
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
}

/** Judges a ratio by its median; in a noisy run nothing is met. */
export function ratioFigure({ name, unit, to, ratios, bound }: RatioFigure, rounds: readonly Round[]): Figure {
  const ratio = spreadOf(ratios);
  const good = "atLeast" in bound ? ratio.median >= bound.atLeast : ratio.median <= bound.atMost;
  const goal = "atLeast" in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
  return { name, unit, ratio, to, goal, met: good && !isNoisy(rounds) };
}

/** Writes a report as JSON and, made from it, as a page. */
export async function writeReport(report: Report): Promise<void> {
  await mkdir(REPORTS, { recursive: true });
  await writeFile(`${REPORTS}${report.id}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(`${REPORTS}${report.id}.md`, pageOf(report));
}

/** A report as a page. */
export function pageOf(report: Report): string {
  const { id, goal, figures, beside, notes, machine, versions, rounds, at } = report;
  const judged = rounds.filter((round) => round.valid !== undefined);
  const valid = judged.filter((round) => round.valid).length;
  const played = judged.length === 0 ? `${rounds.length} turns, no floor` : `${rounds.length} rounds, ${valid} valid`;
  const besides = Object.entries(beside).map(([name, value]) => `| ${name} | ${digits(value)} |`);
  return [
    `# ${id}`,
    "",
    goal,
    "",
    verdictOf(report),
    "",
    "| Figure | Unit | Median | Min | Max | To | Goal | Met |",
    "| --- | --- | ---: | ---: | ---: | --- | --- | --- |",
    ...figures.map(rowOf),
    "",
    ...(besides.length === 0 ? [] : ["| Beside | Median |", "| --- | ---: |", ...besides, ""]),
    ...(notes.length === 0 ? [] : [...notes.map((note) => `- ${note}`), ""]),
    `${played}. ${at.slice(0, 10)}; ${textOf(machine)}; ${textOf(versions)}.`,
    "",
  ].join("\n");
}

/** What a run says, in a word or two. */
export function verdictOf({ met, noisy }: Pick<Report, "met" | "noisy">): string {
  if (noisy) return `**Noisy: fewer than ${ROUNDS_MIN} rounds were valid, so nothing is claimed.**`;
  return met ? "**Met.**" : "**Missed.**";
}

function rowOf({ name, unit, ratio, value, to, goal, met }: Figure): string {
  const numbers = ratio === undefined ? [value ?? Number.NaN] : [ratio.median, ratio.min, ratio.max];
  const [median = "", min = "", max = ""] = numbers.map(digits);
  return `| ${[name, unit, median, min, max, to, goal, met ? "yes" : "no"].join(" | ")} |`;
}

function digits(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3).replace(/e\+?(-?\d+)$/, "·10^$1") : "–";
}

function textOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}
