import { request, type Fetch, type GraphqlFailure, type Result } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { apiFilter, filterIn, PAGE_ROWS, type ListFilter, type ReadFilter } from "./filter.ts";
import { BATTERY_LOCKS, LOCKS, type BatteryRow, type LockRow } from "./list-documents.ts";

/** One page of the list, with the way to the next. */
interface ListPage<Row> extends Pick<ReadFilter, "unknown" | "withheld"> {
  readonly filter: ListFilter;
  /** Where the page begins; null: at the beginning. */
  readonly after: string | null;
  readonly totalCount: number;
  readonly rows: readonly Row[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What is shown of every lock. */
export type LockPage = ListPage<LockRow> & { readonly kind: "locks" };
/** What whoever sees batteries only is shown. */
export type BatteryPage = ListPage<BatteryRow> & { readonly kind: "batteries" };

/** Loads the page of the list that an address's parameters name. */
export async function loadLocks(
  fetch: Fetch,
  parameters: URLSearchParams,
  seesBatteries: boolean,
): Promise<Result<LockPage | BatteryPage, GraphqlFailure>> {
  const { filter, unknown, withheld } = filterIn(parameters, seesBatteries);
  const after = parameters.get("after");
  const ask: LiveSession["request"] = (document, variables) => request(fetch, document, variables);
  const answer = await ask(LOCKS, { filter: apiFilter(filter), first: PAGE_ROWS, after });
  if (!answer.ok) return answer.failure.kind === "forbidden" ? loadBatteries(ask, filter.text, after) : answer;
  const { totalCount, edges, pageInfo } = answer.value.locks;
  return {
    ok: true,
    value: {
      kind: "locks",
      filter,
      unknown,
      withheld,
      after,
      totalCount,
      rows: edges.map(({ node }) => node),
      pageInfo,
    },
  };
}

/**
 * Loads a page of batteries, by words of the address. Of what somebody may not see nothing is filtered either: every lock
 * would seem not to match.
 */
export async function loadBatteries(
  ask: LiveSession["request"],
  text: string,
  after: string | null,
): Promise<Result<BatteryPage, GraphqlFailure>> {
  const filter: ListFilter = { text, freshness: undefined, problem: undefined };
  const answer = await ask(BATTERY_LOCKS, { filter: apiFilter(filter), first: PAGE_ROWS, after });
  if (!answer.ok) return answer;
  const { totalCount, edges, pageInfo } = answer.value.locks;
  return {
    ok: true,
    value: {
      kind: "batteries",
      filter,
      unknown: [],
      withheld: false,
      after,
      totalCount,
      rows: edges.map(({ node }) => node),
      pageInfo,
    },
  };
}
