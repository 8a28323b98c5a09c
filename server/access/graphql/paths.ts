/** `Lock.paths` and `Address.paths`: where a door leads, without a look-up of whoever lives there. */
import { ForbiddenError } from "../../graphql/errors.ts";
import { mayAtAll, type PortnerBuilder, type PortnerRef, type Principal } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import type { LocksGraphql } from "../../locks/graphql/graphql.ts";
import type { LockPlace } from "../../locks/index.ts";
import { pathsAtAddress, pathsByIds, reaches, reachOf, type AddressRow, type PathHome } from "../../places/index.ts";
import type { AccessIndex } from "../access-index.ts";

/** Paths of one door or address that are told: a tower block with one front door has fewer. */
const PATHS_MAX = 100;

/** What the paths of locks and addresses stand on. */
export interface PathsDeps {
  readonly index: Pick<AccessIndex, "facts">;
  readonly tables: Tables;
}

/** Types that the paths belong to. */
export interface PathsRefs {
  readonly PathRef: PortnerRef<PathHome>;
  readonly AddressRef: PortnerRef<AddressRow>;
  readonly locks: LocksGraphql;
}

const DESCRIPTION =
  `whose locks the caller may all see, at most ${PATHS_MAX}. Whoever is bound to own visits gets those only that end at a ` +
  "lock of theirs. Names are told by `lookUpCitizen`.";

/** Adds the two fields. */
export function addPaths(builder: PortnerBuilder, deps: PathsDeps, refs: PathsRefs): void {
  const { PathRef, AddressRef, locks } = refs;
  builder.objectField(locks.LockRef, "paths", (t) =>
    t.field({
      type: [PathRef],
      description: `The paths through the lock's door ${DESCRIPTION}`,
      authScopes: ({ place }, _args, { principal }) => {
        if (locks.rights.maySeeStatus(principal, place)) return true;
        throw new ForbiddenError("FORBIDDEN", "where this lock leads is not yours to see");
      },
      resolve: ({ place }, _args, { principal }) =>
        visiblePaths(deps, refs, { principal, paths: deps.index.facts.pathsOfDoor.get(place.door) ?? [] }),
    }),
  );
  builder.objectField(AddressRef, "paths", (t) =>
    t.field({
      type: [PathRef],
      description: `The paths that lead to the address or pass a door of it, ${DESCRIPTION}`,
      authScopes: (_row, _args, { principal }) => mayAtAll(principal, "readLockStatus"),
      resolve: async ({ id }, _args, { principal }) =>
        visiblePaths(deps, refs, { principal, paths: await pathsAtAddress(deps.tables, id) }),
    }),
  );
}

async function visiblePaths(
  deps: PathsDeps,
  { locks }: PathsRefs,
  { principal, paths }: { readonly principal: Principal; readonly paths: readonly number[] },
): Promise<PathHome[]> {
  const reach = await reachOf(deps.tables, principal, "readLockStatus");
  const visible = paths.filter((path) => {
    const doors = deps.index.facts.doorsOfPath.get(path) ?? [];
    const places = doors.map((door) => placeAt(deps, locks, door));
    const anywhere = places.find((place) => place !== undefined);
    if (anywhere === undefined) return false;
    const last = places.at(-1);
    const mayKnowHome = reaches(reach, anywhere.district) || last !== undefined;
    return mayKnowHome && places.every((place) => place === undefined || locks.rights.maySeeStatus(principal, place));
  });
  const shown = visible.slice(0, PATHS_MAX);
  return shown.length === 0 ? [] : [...(await pathsByIds(deps.tables, shown))];
}

function placeAt({ index }: PathsDeps, { lockOf }: LocksGraphql, door: number): LockPlace | undefined {
  return lockOf(index.facts.lockOfDoor.get(door) ?? 0)?.place;
}
