/** Door events in the schema: the interface `DoorEvent` with its types, and the subscription `doorEvents`. */
import type { Revision } from "@portner/schema/journal";
import { ForbiddenError, InvalidInputError } from "../../../graphql/errors.ts";
import { INHERITS_RULE } from "../../../graphql/rules.ts";
import { parseGlobalId } from "../../../graphql/scalars.ts";
import { mayAtAll, type PortnerBuilder } from "../../../identity/index.ts";
import type { DoorEvent, DoorEventType } from "../door-event.ts";
import type { DoorEventEdge } from "../door-event-place.ts";
import type { DoorEvents } from "../door-events.ts";
import { openSharedDoorEvents } from "../shared-door-events.ts";
import { addEventTypes, type EventTypeDeps } from "./event-types.ts";

/** What the door events' part of the schema stands on. */
export interface DoorEventsGraphqlDeps extends EventTypeDeps {
  /** Pause after which a silent stream says so; tests shorten it. */
  readonly beatMs?: number;
}

/** Most ids in one list of the filter. */
const FILTER_IDS_MAX = 200;

interface EventFilter {
  readonly locks: ReadonlySet<number> | undefined;
  readonly districtIds: readonly string[] | undefined;
  readonly types: readonly DoorEventType[] | undefined;
}

/** Adds door events to the schema. */
export function extendDoorEvents(builder: PortnerBuilder, deps: DoorEventsGraphqlDeps) {
  const refs = addEventTypes(builder, deps);
  const FilterRef = builder.inputType("DoorEventFilter", {
    description: "Narrows to events for which everything that is given holds; of a list, one of its values.",
    fields: (t) => ({
      locks: t.idList(),
      districts: t.idList(),
      types: t.field({ type: [refs.DoorEventTypeRef] }),
    }),
  });
  builder.subscriptionField("doorEvents", (t) =>
    t.field({
      type: addEdge(builder, refs.DoorEventRef),
      description:
        "With `after`, every event behind that cursor exactly once, in the order of the journal, then live ones; without, " +
        "events from now on. Ten seconds without one give an edge without a node, whose cursor says how far it has come.",
      authScopes: (_root, _args, { principal }) =>
        mayAtAll(principal, "subscribe") || mayAtAll(principal, "readDoorEvents"),
      args: { after: t.arg({ type: "Cursor" }), filter: t.arg({ type: FilterRef }) },
      subscribe: async (_root, { after, filter: input }, { principal }) => {
        if (principal.kind === "anonymous") throw new ForbiddenError("UNAUTHENTICATED", "sign in first");
        const filter = readFilter(deps.events, input ?? {});
        const select = (event: DoorEvent): boolean =>
          matches(deps.events, filter, event) && deps.events.rights.maySee(principal, event);
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

function readFilter(
  { directory }: DoorEvents,
  input: {
    readonly locks?: readonly string[] | null | undefined;
    readonly districts?: readonly string[] | null | undefined;
    readonly types?: readonly DoorEventType[] | null | undefined;
  },
): EventFilter {
  const ids = (list: readonly string[] | null | undefined, name: string): readonly string[] | undefined => {
    if (list === null || list === undefined) return undefined;
    if (list.length > FILTER_IDS_MAX) throw new InvalidInputError(`at most ${FILTER_IDS_MAX} ids`, ["filter", name]);
    return list.map((id) => parseGlobalId(id).id);
  };
  const lockIds = ids(input.locks, "locks");
  const locks = lockIds?.flatMap((id) => directory.byId(id)?.lock ?? []);
  return {
    locks: locks === undefined ? undefined : new Set(locks),
    districtIds: ids(input.districts, "districts"),
    types: input.types ?? undefined,
  };
}

function filterText({ locks, districtIds, types }: EventFilter): string {
  return JSON.stringify([locks === undefined ? null : [...locks], districtIds ?? null, types ?? null]);
}

function matches(
  { directory, rights }: DoorEvents,
  { locks, districtIds, types }: EventFilter,
  event: DoorEvent,
): boolean {
  if (types !== undefined && !types.includes(event.happening.type)) return false;
  if (locks === undefined && districtIds === undefined) return true;
  const lock = rights.lockOf(event);
  if (lock === undefined || (locks !== undefined && !locks.has(lock))) return false;
  const districtId = directory.byLock(lock)?.districtId ?? undefined;
  return districtIds === undefined || (districtId !== undefined && districtIds.includes(districtId));
}
