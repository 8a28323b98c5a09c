import { ForbiddenError, InvalidInputError } from "../../graphql/errors.ts";
import { parseGlobalId } from "../../graphql/scalars.ts";
import { mayAtAll, type PortnerBuilder, type Principal } from "../../identity/index.ts";
import { foldAddress } from "../../places/index.ts";
import type { LockFilter } from "../lock-view.ts";
import type { LockEnums } from "./enums.ts";

/** Longest text of a filter: an address with everything on it. */
const TEXT_CHARACTERS_MAX = 120;
/** Most ids in one list of a filter: every district or bundle of a large municipality. */
const FILTER_IDS_MAX = 200;

/** Adds the input that narrows lists and streams of locks. */
export function addLockFilter(builder: PortnerBuilder, { FreshnessStateRef, LockProblemCodeRef }: LockEnums) {
  return builder.inputType("LockFilter", {
    description: "Narrows to locks for which everything that is given holds; of a list, one of its values.",
    fields: (t) => ({
      locks: t.idList(),
      districts: t.idList(),
      bundles: t.idList({ description: "Bundles that open a path through the lock's door." }),
      problems: t.field({ type: [LockProblemCodeRef] }),
      freshness: t.field({ type: [FreshnessStateRef] }),
      text: t.string({ description: "Beginnings of words of the address, or the beginning of the serial number." }),
    }),
  });
}

/** The input, as GraphQL hands it to resolvers. */
export type LockFilterInput = ReturnType<typeof addLockFilter>["$inferInput"];

/**
 * Reads a filter; InvalidInputError for ids that this hub can't have made and for lists and texts beyond all use,
 * ForbiddenError for low batteries where the caller may see none: which locks match would tell what is withheld.
 */
export function readLockFilter(input: LockFilterInput | null | undefined, principal: Principal): LockFilter {
  if (input?.problems?.includes("LOW_BATTERY") === true && !mayAtAll(principal, "readBatteryList")) {
    throw new ForbiddenError("FORBIDDEN", "batteries are not yours to see, nor which locks have low ones");
  }
  const text = input?.text ?? undefined;
  if (text !== undefined && text.length > TEXT_CHARACTERS_MAX) {
    throw new InvalidInputError(`at most ${TEXT_CHARACTERS_MAX} characters`, ["filter", "text"]);
  }
  const folded = text === undefined ? undefined : foldAddress(text);
  return {
    lockIds: publicIds(input?.locks, "locks"),
    districtIds: publicIds(input?.districts, "districts"),
    bundleIds: publicIds(input?.bundles, "bundles"),
    problems: input?.problems ?? undefined,
    freshness: input?.freshness ?? undefined,
    ...(text !== undefined &&
      text.trim() !== "" && {
        words: folded === "" ? [] : folded?.split(" "),
        serialStart: text.trim().toUpperCase(),
      }),
  };
}

function publicIds(ids: readonly string[] | null | undefined, name: string): readonly string[] | undefined {
  if (ids === null || ids === undefined) return undefined;
  if (ids.length > FILTER_IDS_MAX) throw new InvalidInputError(`at most ${FILTER_IDS_MAX} ids`, ["filter", name]);
  return ids.map((id) => parseGlobalId(id).id);
}
