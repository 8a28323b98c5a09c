import { cutText } from "../format/cut.ts";
import type { VariablesOf } from "../graphql/index.ts";
import type { LOCKS } from "./list-documents.ts";

/** Rows of one page: what a second screen shows without scrolling for long. */
export const PAGE_ROWS = 50;

/** Longest text that the API takes. */
const TEXT_CHARACTERS_MAX = 120;

const FRESHNESS = ["LIVE", "LATE", "SILENT", "NEVER"] as const;
const PROBLEMS = ["LOW_BATTERY", "JAMMED", "QUARANTINED", "TAMPERED", "FACTS_DOUBTFUL", "CLOCK_UNTRUSTED"] as const;

/** Narrows the list; it stands in the page's address. Street names are no secret, people's names are never looked for here. */
export interface ListFilter {
  readonly text: string;
  readonly freshness: (typeof FRESHNESS)[number] | undefined;
  readonly problem: (typeof PROBLEMS)[number] | undefined;
}

/** A filter as the API takes it. */
export type ApiFilter = NonNullable<VariablesOf<typeof LOCKS>["filter"]>;

/** What an address asks for: a filter, and what of it can't be filtered by. */
export interface ReadFilter {
  readonly filter: ListFilter;
  /** Values that no list knows, as the address has them. */
  readonly unknown: readonly string[];
  /** Whether it asks for low batteries, of which this viewer is told nothing. */
  readonly withheld: boolean;
}

/** Reads the filter in an address. What it leaves out it names: a list that isn't narrowed would seem to be the answer. */
export function filterIn(parameters: URLSearchParams, seesBatteries: boolean): ReadFilter {
  const read = { freshness: parameters.get("freshness") ?? "", problem: parameters.get("problem") ?? "" };
  const freshness = FRESHNESS.find((each) => each === read.freshness);
  const problem = PROBLEMS.find((each) => each === read.problem);
  const withheld = problem === "LOW_BATTERY" && !seesBatteries;
  const unknown = [
    ...(freshness === undefined && read.freshness !== "" ? [read.freshness] : []),
    ...(problem === undefined && read.problem !== "" ? [read.problem] : []),
  ];
  const text = cutText(parameters.get("text")?.trim() ?? "", TEXT_CHARACTERS_MAX);
  return { filter: { text, freshness, problem: withheld ? undefined : problem }, unknown, withheld };
}

/** The filter as the API takes it. */
export function apiFilter({ text, freshness, problem }: ListFilter): ApiFilter {
  return {
    ...(text === "" ? {} : { text }),
    ...(freshness === undefined ? {} : { freshness: [freshness] }),
    ...(problem === undefined ? {} : { problems: [problem] }),
  };
}

/** Whether anything is narrowed. */
export function isNarrow({ text, freshness, problem }: ListFilter): boolean {
  return text !== "" || freshness !== undefined || problem !== undefined;
}

/** The page's address with this filter, from this cursor on. */
export function listPath({ text, freshness, problem }: ListFilter, after?: string | null): string {
  const parameters = new URLSearchParams();
  if (text !== "") parameters.set("text", text);
  if (freshness !== undefined) parameters.set("freshness", freshness);
  if (problem !== undefined) parameters.set("problem", problem);
  if (after !== undefined && after !== null) parameters.set("after", after);
  const query = parameters.toString();
  return query === "" ? "/locks" : `/locks?${query}`;
}
