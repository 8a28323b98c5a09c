/** Door events in the schema: the interface `DoorEvent` with its types, and the subscription `doorEvents`.
 * What came before it is `recentDoorEvents`. */
import type { Revision } from "@portner/schema/journal";
import { ForbiddenError, InvalidInputError } from "../../../graphql/errors.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import { mayAtAll, type PortnerBuilder } from "../../../identity/index.ts";
import type { DoorEventEdge } from "../door-event-place.ts";
import { openSharedDoorEvents } from "../shared-door-events.ts";
import { addLastEvents } from "./last-events.ts";
import { addVerdict } from "./verdict.ts";
import { addEventTypes, type EventTypeDeps } from "./event-types.ts";
import { addEventFilter, filterText, readEventFilter, selectFor } from "./filter.ts";
import { addRecentDoorEvents } from "./recent.ts";

/** What the door events' part of the schema stands on. */
export interface DoorEventsGraphqlDeps extends EventTypeDeps {
  /** Pause after which a silent stream says so; tests shorten it. */
  readonly beatMs?: number;
}

/** Adds door events to the schema. */
export function extendDoorEvents(builder: PortnerBuilder, deps: DoorEventsGraphqlDeps) {
  const refs = addEventTypes(builder, deps);
  addLastEvents(builder, deps, refs);
  addVerdict(builder, deps);
  const FilterRef = addEventFilter(builder, refs.DoorEventTypeRef);
  const EdgeRef = addEdge(builder, refs.DoorEventRef);
  addRecentDoorEvents(builder, deps.events, { EdgeRef, FilterRef });
  builder.subscriptionField("doorEvents", (t) =>
    t.field({
      type: EdgeRef,
      description:
        "With `after`, every event behind that cursor exactly once, in the order of the journal, then live ones; without, " +
        "events from now on. Ten seconds without one give an edge without a node, whose cursor says how far it has come.",
      authScopes: (_root, _args, { principal }) =>
        mayAtAll(principal, "subscribe") || mayAtAll(principal, "readDoorEvents"),
      args: { after: t.arg({ type: "Cursor" }), filter: t.arg({ type: FilterRef }) },
      subscribe: async (_root, { after, filter: input }, { principal }) => {
        if (principal.kind === "anonymous") throw new ForbiddenError("UNAUTHENTICATED", "sign in first");
        const filter = readEventFilter(deps.events, input ?? {});
        const select = selectFor(deps.events, principal, filter);
        const opened = await openSharedDoorEvents(deps.events, {
          ...{ principal, select, filter: filterText(filter) },
          ...{ after: after ?? undefined, beatMs: deps.beatMs },
        });
        if (opened.ok) return opened.value;
        throw new InvalidInputError("the cursor lies ahead of the journal", ["after"], opened.failure.code);
      },
      resolve: (edge: DoorEventEdge) => edge,
    }),
  );
  return refs;
}

function addEdge(builder: PortnerBuilder, DoorEventRef: ReturnType<typeof addEventTypes>["DoorEventRef"]) {
  const GapRef = builder.objectRef<{ readonly from: Revision; readonly oldest: Revision }>("JournalGap").implement({
    ...INHERITS_RULE,
    description: "What can no longer be replayed: everything behind `from` and before `oldest`.",
    fields: (t) => ({
      from: t.expose("from", { type: "Cursor" }),
      oldest: t.expose("oldest", { type: "Cursor" }),
      restored: t.boolean({
        description: "The journal was restored from a backup since: it is another one, and all that it keeps follows.",
        resolve: ({ from, oldest }) => from.epoch !== oldest.epoch,
      }),
    }),
  });
  return builder.objectRef<DoorEventEdge>("DoorEventEdge").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      cursor: t.expose("cursor", { type: "Cursor", description: "Pass it as `after` to go on from here." }),
      node: t.field({
        type: DoorEventRef,
        nullable: true,
        description: "Null in a beat, and in a gap.",
        resolve: ({ event }) => event,
      }),
      replayed: t.exposeBoolean("replayed", { description: "Read from the journal rather than heard live." }),
      gap: t.field({ type: GapRef, nullable: true, resolve: ({ gap }) => gap }),
    }),
  });
}
