import { InvalidInputError } from "./errors.ts";
import { pageSize } from "./page.ts";

/** The arguments of a connection, as GraphQL hands them on. */
export interface ConnectionArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** What a page is asked for, where pages only go forward. */
export interface ForwardPage {
  readonly size: number;
  readonly after: string | undefined;
}

/** Reads the arguments of a connection whose pages only go forward; InvalidInputError for `last` and `before`. */
export function forwardPage({ first, after, last, before }: ConnectionArguments): ForwardPage {
  if ((last ?? undefined) !== undefined || (before ?? undefined) !== undefined) {
    throw new InvalidInputError("pages go forward: `first` and `after`");
  }
  return { size: pageSize(first), after: after ?? undefined };
}

/** A page as a connection; `found` holds one more than the page's size where there is more. */
export function connectionOf<Node>(
  found: readonly Node[],
  { size, after }: ForwardPage,
  cursorOf: (node: Node) => string,
) {
  const edges = found.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length > size,
      hasPreviousPage: after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
