/** What came before a subscription, in the schema: the query `recentDoorEvents`. */
import { cursorText } from "@portner/schema/journal";
import type { SchemaShape } from "../../../graphql/builder.ts";
import { ForbiddenError, InvalidInputError } from "../../../graphql/errors.ts";
import { pageSize } from "../../../graphql/page.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import { mayAtAll, type Operation, type PortnerBuilder, type Principal } from "../../../identity/index.ts";
import type { DoorEventEdge } from "../door-event-place.ts";
import type { DoorEvents } from "../door-events.ts";
import { recentDoorEvents, type RecentDoorEvents } from "../recent-door-events.ts";
import { readEventFilter, selectFor, type addEventFilter } from "./filter.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>;

/** Types of the subscription that the query shares. */
export interface RecentRefs {
  readonly EdgeRef: PothosSchemaTypes.ObjectRef<Types, DoorEventEdge>;
  readonly FilterRef: ReturnType<typeof addEventFilter>;
}

/** Adds `recentDoorEvents`: the same edges to the same people as `doorEvents`, backwards from a place. */
export function addRecentDoorEvents(builder: PortnerBuilder, events: DoorEvents, refs: RecentRefs): void {
  const PageRef = addPage(builder, refs);
  builder.queryField("recentDoorEvents", (t) =>
    t.field({
      type: PageRef,
      description:
        "The newest door events before a place, or of all, in the order of the journal. A page may hold fewer than asked " +
        "for while there are older ones: then what is looked for is rare; ask on with `before: startCursor`.",
      authScopes: (_root, _args, { principal }) =>
        mayAtAll(principal, "subscribe") || mayAtAll(principal, "readDoorEvents"),
      args: {
        last: t.arg.int({ description: "At most 200; 50 where it is left out." }),
        before: t.arg({ type: "Cursor" }),
        filter: t.arg({ type: refs.FilterRef }),
      },
      resolve: async (_root, { last, before, filter }, { principal }) => {
        if (principal.kind === "anonymous") throw new ForbiddenError("UNAUTHENTICATED", "sign in first");
        const found = await recentDoorEvents(events, {
          ...{ tenant: principal.tenant, last: pageSize(last, "last"), before: before ?? undefined },
          select: selectFor(events, principal, readEventFilter(events, filter ?? {})),
        });
        if (found.ok) return found.value;
        throw new InvalidInputError("no page ends at this cursor any more", ["before"], found.failure.code);
      },
    }),
  );
}

function addPage(builder: PortnerBuilder, { EdgeRef }: RecentRefs) {
  return builder.objectRef<RecentDoorEvents>("RecentDoorEventsConnection").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      edges: t.field({ type: [EdgeRef], description: "Oldest first.", resolve: ({ edges }) => edges }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        resolve: ({ hasEarlier, from, to }) => ({
          hasNextPage: false,
          hasPreviousPage: hasEarlier,
          startCursor: cursorText(from),
          endCursor: cursorText(to),
        }),
      }),
      subscribeAfter: t.field({
        type: "Cursor",
        description:
          "Of a page without `before`: pass it as `after` to `doorEvents`, and page and stream together hold each event " +
          "exactly once.",
        resolve: ({ to }) => to,
      }),
    }),
  });
}
