import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./command.ts";
import { measureFile, type FileMeasure } from "./measure.ts";

/** One number we grade ourselves by. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly max?: number;
  readonly min?: number;
  /** Where the worst of it stands, for whoever has to mend it. */
  readonly worst: readonly string[];
}

const SOURCES = ["{schema,drizzle,server,lock-sim,dashboard,load-tests}/**/*.{ts,svelte}", ".ci/*.ts", "*.ts"];
const FORBIDDEN_NAME = /(^|[/-])(utils?|helpers?|common|managers?|misc)(\.test)?(\.(ts|svelte)$|\/)/;

/** Every source file of the repository, measured. */
export function measureRepository(): FileMeasure[] {
  const isLeftOut = (name: string): boolean => /(^|\/)(node_modules|\.svelte-kit|build)(\/|$)/.test(name);
  const files = globSync(SOURCES, { cwd: REPOSITORY, exclude: isLeftOut }).toSorted();
  return files.map((file) => measureFile(file, readFileSync(join(REPOSITORY, file), "utf8")));
}

/** All bars over these files. Length of functions is judged without tests, whose bodies are lists of steps. */
export function barsOf(files: readonly FileMeasure[]): Bar[] {
  return [...sizeBars(files), ...careBars(files), ...documentationBars(files)];
}

/** Whether a bar is kept. */
export function isKept({ value, max, min }: Bar): boolean {
  return (max === undefined || value <= max) && (min === undefined || value >= min);
}

function sizeBars(files: readonly FileMeasure[]): Bar[] {
  const lines = files.map((file) => file.lines);
  const shipped = files.filter((file) => !file.isTest);
  const functionLines = shipped.flatMap((file) => file.functionLines);
  const longFiles = worstBy(files, (file) => file.lines);
  const longFunctions = worstBy(shipped, (file) => Math.max(0, ...file.functionLines));
  return [
    { name: "file lines, median", value: quantile(lines, 0.5), max: 90, worst: [] },
    { name: "file lines, p95", value: quantile(lines, 0.95), max: 280, worst: longFiles },
    { name: "file lines, largest", value: Math.max(0, ...lines), max: 500, worst: longFiles },
    { name: "function lines, p95", value: quantile(functionLines, 0.95), max: 40, worst: longFunctions },
    { name: "function lines, largest", value: Math.max(0, ...functionLines), max: 70, worst: longFunctions },
  ];
}

function careBars(files: readonly FileMeasure[]): Bar[] {
  const thousands =
    Math.max(
      1,
      sum(files, (file) => file.lines),
    ) / 1_000;
  const total = (name: string, max: number, of: (file: FileMeasure) => number): Bar => ({
    name,
    value: sum(files, of),
    max,
    worst: worstBy(files, of),
  });
  const rate = (name: string, max: number, of: (file: FileMeasure) => number): Bar => {
    const bar = total(`${name} per 1,000 lines`, max, of);
    return { ...bar, value: bar.value / thousands };
  };
  return [
    total("`any`", 0, (file) => file.anyCount),
    total("bare `Error`", 0, (file) => file.bareErrorCount),
    total("forbidden file names", 0, (file) => (FORBIDDEN_NAME.test(file.file) ? 1 : 0)),
    rate("`as`", 1.3, (file) => file.assertionCount),
    rate("`!`", 0.2, (file) => file.nonNullCount),
    rate("lint suppressions", 0.2, (file) => file.suppressionCount),
  ];
}

function documentationBars(files: readonly FileMeasure[]): Bar[] {
  const documented = (name: string, min: number, among: readonly FileMeasure[]): Bar => {
    const exports = sum(among, (file) => file.exportCount);
    const share = exports === 0 ? 100 : (100 * sum(among, (file) => file.documentedCount)) / exports;
    return { name, value: share, min, worst: worstBy(among, (file) => file.exportCount - file.documentedCount) };
  };
  const isContract = (file: FileMeasure): boolean => file.file.startsWith("schema/") && !file.isTest;
  const others = files.filter((file) => !file.isTest && !isContract(file));
  return [
    documented("documented exports of schema, %", 100, files.filter(isContract)),
    documented("documented exports elsewhere, %", 50, others),
  ];
}

function worstBy(files: readonly FileMeasure[], of: (file: FileMeasure) => number): string[] {
  const guilty = files.filter((file) => of(file) > 0).toSorted((a, b) => of(b) - of(a));
  return guilty.slice(0, 5).map((file) => `${file.file} (${of(file)})`);
}

function sum(files: readonly FileMeasure[], of: (file: FileMeasure) => number): number {
  return files.reduce((total, file) => total + of(file), 0);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
