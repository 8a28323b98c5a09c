import { cutText } from "../format/cut.ts";
import type { VariablesOf } from "../graphql/index.ts";
import type { DOOR_EVENTS, FeedEvent } from "./documents.ts";

type ApiFilter = NonNullable<VariablesOf<typeof DOOR_EVENTS>["filter"]>;
type ApiType = NonNullable<ApiFilter["types"]>[number];
type EventName = FeedEvent["__typename"];

/** Every kind of event by its name in an address, in the order in which a filter lists them. */
export const EVENT_TYPES = {
  denied: ["DOOR_DENIED", "DoorDenied"],
  opened: ["DOOR_OPENED", "DoorOpened"],
  locked: ["DOOR_LOCKED", "DoorLocked"],
  jammed: ["DOOR_JAMMED", "DoorJammed"],
  "command-settled": ["COMMAND_SETTLED", "CommandSettled"],
  "refused-at-door": ["REFUSED_AT_DOOR", "RefusedAtDoor"],
  "permit-used": ["PERMIT_USED", "PermitUsed"],
  "door-moved": ["DOOR_LEAF_MOVED", "DoorLeafMoved"],
  "bolt-moved": ["DOOR_MOVED", "DoorMoved"],
  restarted: ["LOCK_RESTARTED", "LockRestarted"],
  tampered: ["LOCK_TAMPERED", "LockTampered"],
  "events-lost": ["EVENTS_LOST", "EventsLost"],
  quarantined: ["LOCK_QUARANTINED", "LockQuarantined"],
  released: ["LOCK_RELEASED", "LockReleased"],
} as const satisfies Readonly<Record<string, readonly [ApiType, EventName]>>;
/** See {@link EVENT_TYPES}. */
export type EventType = keyof typeof EVENT_TYPES;

/** Narrows the feed; it stands in the page's address. */
export interface FeedFilter {
  readonly text: string;
  /** Global id. */
  readonly district: string | undefined;
  /** Empty: every type. */
  readonly types: readonly EventType[];
}

/** Nothing is narrowed. */
export const NO_FILTER: FeedFilter = { text: "", district: undefined, types: [] };

/** Longest text that the API takes. */
export const TEXT_CHARACTERS_MAX = 120;

function isEventType(name: string): name is EventType {
  return Object.hasOwn(EVENT_TYPES, name);
}

/** Reads the filter in an address; what it doesn't know it leaves out. */
export function feedFilterIn(parameters: URLSearchParams): FeedFilter {
  const district = parameters.get("district") ?? "";
  return {
    text: cutText((parameters.get("text") ?? "").trim(), TEXT_CHARACTERS_MAX),
    district: district === "" ? undefined : district,
    types: [...new Set(parameters.getAll("type"))].filter(isEventType),
  };
}

/** The filter as the API takes it. */
export function feedApiFilter({ text, district, types }: FeedFilter): ApiFilter {
  return {
    ...(text === "" ? {} : { text }),
    ...(district === undefined ? {} : { districts: [district] }),
    ...(types.length === 0 ? {} : { types: types.map((type) => EVENT_TYPES[type][0]) }),
  };
}

/** Whether anything is narrowed. */
export function isNarrowFeed({ text, district, types }: FeedFilter): boolean {
  return text !== "" || district !== undefined || types.length > 0;
}

/** The page's address with this filter, ending before this cursor. */
export function livePath({ text, district, types }: FeedFilter, before?: string): string {
  const parameters = new URLSearchParams();
  if (text !== "") parameters.set("text", text);
  if (district !== undefined) parameters.set("district", district);
  for (const type of types) parameters.append("type", type);
  if (before !== undefined) parameters.set("before", before);
  const query = parameters.toString();
  return query === "" ? "/live" : `/live?${query}`;
}
