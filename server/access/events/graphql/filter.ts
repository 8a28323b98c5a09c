import { InvalidInputError } from "../../../graphql/errors.ts";
import { parseGlobalId } from "../../../graphql/scalars.ts";
import type { PortnerBuilder, Principal } from "../../../identity/index.ts";
import { foldAddress } from "../../../places/index.ts";
import type { DoorEvent, DoorEventType } from "../door-event.ts";
import type { DoorEvents } from "../door-events.ts";
import type { addEventTypes } from "./event-types.ts";

/** Most ids in one list of the filter. */
const FILTER_IDS_MAX = 200;
/** Longest text of a filter: an address with everything on it. */
const TEXT_CHARACTERS_MAX = 120;

/** What narrows door events, read. What is left out does not narrow. */
export interface EventFilter {
  readonly locks: ReadonlySet<number> | undefined;
  readonly districtIds: readonly string[] | undefined;
  readonly types: readonly DoorEventType[] | undefined;
  /** Folded words of the address, and the beginning of a serial number; either is enough. */
  readonly text: { readonly words: readonly string[]; readonly serialStart: string } | undefined;
}

type FilterSource = Pick<DoorEvents, "directory" | "rights">;

/** Adds the input that narrows door events. */
export function addEventFilter(
  builder: PortnerBuilder,
  DoorEventTypeRef: ReturnType<typeof addEventTypes>["DoorEventTypeRef"],
) {
  return builder.inputType("DoorEventFilter", {
    description: "Narrows to events for which everything that is given holds; of a list, one of its values.",
    fields: (t) => ({
      locks: t.idList(),
      districts: t.idList(),
      types: t.field({ type: [DoorEventTypeRef] }),
      text: t.string({ description: "Beginnings of words of the address, or the beginning of the serial number." }),
    }),
  });
}

/** Reads the input; InvalidInputError for ids that this hub can't have made and for lists and texts beyond all use. */
export function readEventFilter(
  { directory }: Pick<FilterSource, "directory">,
  input: Partial<ReturnType<typeof addEventFilter>["$inferInput"]>,
): EventFilter {
  const locks = idsOf(input.locks, "locks")?.flatMap((id) => directory.byId(id)?.lock ?? []);
  return {
    locks: locks === undefined ? undefined : new Set(locks),
    districtIds: idsOf(input.districts, "districts"),
    types: input.types ?? undefined,
    text: textOf(input.text?.trim() ?? ""),
  };
}

/** The filter as text: the same for two callers who asked for the same. */
export function filterText({ locks, districtIds, types, text }: EventFilter): string {
  return JSON.stringify([locks === undefined ? null : [...locks], districtIds ?? null, types ?? null, text ?? null]);
}

/** Whether a caller gets an event, asked at the moment of delivery: the filter first, which costs nothing. */
export function selectFor(
  source: FilterSource,
  principal: Principal,
  filter: EventFilter,
): (event: DoorEvent) => boolean {
  return (event) => matches(source, filter, event) && source.rights.maySee(principal, event);
}

function idsOf(list: readonly string[] | null | undefined, name: string): readonly string[] | undefined {
  if (list === null || list === undefined) return undefined;
  if (list.length > FILTER_IDS_MAX) throw new InvalidInputError(`at most ${FILTER_IDS_MAX} ids`, ["filter", name]);
  return list.map((id) => parseGlobalId(id).id);
}

function textOf(text: string): EventFilter["text"] {
  if (text === "") return undefined;
  if (text.length > TEXT_CHARACTERS_MAX) {
    throw new InvalidInputError(`at most ${TEXT_CHARACTERS_MAX} characters`, ["filter", "text"]);
  }
  const folded = foldAddress(text);
  return { words: folded === "" ? [] : folded.split(" "), serialStart: text.toUpperCase() };
}

function matches({ directory, rights }: FilterSource, filter: EventFilter, event: DoorEvent): boolean {
  const { locks, districtIds, types, text } = filter;
  if (types !== undefined && !types.includes(event.happening.type)) return false;
  if (locks === undefined && districtIds === undefined && text === undefined) return true;
  const lock = rights.lockOf(event);
  if (lock === undefined || (locks !== undefined && !locks.has(lock))) return false;
  const place = directory.byLock(lock);
  const districtId = place?.districtId ?? undefined;
  if (districtIds !== undefined && (districtId === undefined || !districtIds.includes(districtId))) return false;
  if (text === undefined || place === undefined) return text === undefined;
  const { words, serialStart } = text;
  const address = ` ${place.folded}`;
  const byAddress = words.length > 0 && words.every((word) => address.includes(` ${word}`));
  return byAddress || place.serial.toUpperCase().startsWith(serialStart);
}
