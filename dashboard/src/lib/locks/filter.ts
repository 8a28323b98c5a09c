import type { VariablesOf } from "../graphql/index.ts";
import type { LOCKS } from "./list-documents.ts";

/** Rows of one page: what a second screen shows without scrolling for long. */
export const PAGE_ROWS = 50;

const FRESHNESS = ["LIVE", "LATE", "SILENT", "NEVER"] as const;
const PROBLEMS = ["LOW_BATTERY", "JAMMED", "QUARANTINED", "TAMPERED", "FACTS_DOUBTFUL", "CLOCK_UNTRUSTED"] as const;

/** Narrows the list; it stands in the page's address. Street names are no secret, people's names are never looked for here. */
export interface ListFilter {
  readonly text: string;
  readonly freshness: (typeof FRESHNESS)[number] | undefined;
  readonly problem: (typeof PROBLEMS)[number] | undefined;
}

type ApiFilter = NonNullable<VariablesOf<typeof LOCKS>["filter"]>;

/** Reads the filter in an address; what it doesn't know it leaves out. */
export function filterIn(parameters: URLSearchParams): ListFilter {
  return {
    text: parameters.get("text")?.trim() ?? "",
    freshness: FRESHNESS.find((each) => each === parameters.get("freshness")),
    problem: PROBLEMS.find((each) => each === parameters.get("problem")),
  };
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
