import { InvalidInputError, NotFoundError } from "../../graphql/errors.ts";
import { connectionOf, forwardPage } from "../../graphql/forward.ts";
import { parseGlobalId } from "../../graphql/scalars.ts";
import { mayAtAll, type PortnerBuilder, type Principal } from "../../identity/index.ts";
import { byAddress, type LockPlace } from "../directory/index.ts";
import type { LockRights } from "../lock-rights.ts";
import { placeMatches, viewMatches, viewOf, type LockFilter, type LockSources, type LockView } from "../lock-view.ts";
import { readLockFilter, type addLockFilter } from "./filter.ts";
import type { LockRef } from "./refs.ts";

/** What lists of locks stand on. */
export interface LockListDeps extends LockSources {
  readonly rights: LockRights;
}

/** Types that the lists use. */
export interface LockListRefs {
  readonly LockRef: LockRef;
  readonly LockFilterRef: ReturnType<typeof addLockFilter>;
}

/** Whether the caller may see any lock, or any lock's battery. */
export function maySeeSomeLock(principal: Principal): boolean {
  return mayAtAll(principal, "readLockStatus") || mayAtAll(principal, "readBatteryList");
}

/** The locks that a caller may see and that match, by address. Status filters need the right to see the status. */
export function matchingViews(deps: LockListDeps, principal: Principal, filter: LockFilter): Iterable<LockView> {
  const tenant = principal.kind === "anonymous" ? undefined : principal.tenant;
  const places = tenant === undefined ? [] : deps.directory.ofTenant(tenant);
  return places.values().flatMap((place) => {
    const view = visibleView(deps, principal, { place, filter });
    return view === undefined ? [] : [view];
  });
}

/** A lock as the caller may see it and as it matches; nothing otherwise. */
export function visibleView(
  deps: LockListDeps,
  principal: Principal,
  { place, filter }: { readonly place: LockPlace; readonly filter: LockFilter },
): LockView | undefined {
  if (!placeMatches(filter, place) || !deps.rights.maySee(principal, place)) return undefined;
  const byStatus = filter.problems !== undefined || filter.freshness !== undefined;
  if (byStatus && !deps.rights.maySeeStatus(principal, place)) return undefined;
  const view = viewOf(deps, place);
  const seen = { ...view, problems: deps.rights.seenProblems(principal, view) };
  return viewMatches(filter, seen) ? view : undefined;
}

/** Adds `lock` and `locks`. */
export function addLockQueries(builder: PortnerBuilder, deps: LockListDeps, refs: LockListRefs): void {
  const ByRef = builder.inputType("LockBy", {
    isOneOf: true,
    fields: (t) => ({
      id: t.id(),
      serial: t.string(),
      external: t.string({ description: "Id of the door in the system the data came from." }),
    }),
  });
  builder.queryFields((t) => ({
    lock: t.field({
      type: refs.LockRef,
      authScopes: (_root, _args, { principal }) => maySeeSomeLock(principal),
      args: { by: t.arg({ type: ByRef, required: true }) },
      resolve: (_root, { by }, { principal }) => {
        const place = findPlace(deps, principal, by);
        if (place === undefined || !deps.rights.maySee(principal, place)) throw new NotFoundError(undefined, ["by"]);
        return viewOf(deps, place);
      },
    }),
  }));
  addLocks(builder, deps, refs);
}

interface LockBy {
  readonly id?: string | null | undefined;
  readonly serial?: string | null | undefined;
  readonly external?: string | null | undefined;
}

function findPlace({ directory }: LockListDeps, principal: Principal, by: LockBy): LockPlace | undefined {
  if (typeof by.id === "string") {
    const { typename, id } = parseGlobalId(by.id);
    return typename === "Lock" ? directory.byId(id) : undefined;
  }
  if (typeof by.serial === "string") return directory.bySerial(by.serial);
  if (principal.kind === "anonymous") return undefined;
  return directory.ofTenant(principal.tenant).find((place) => place.doorExternalId === by.external);
}

function addLocks(builder: PortnerBuilder, deps: LockListDeps, { LockRef, LockFilterRef }: LockListRefs): void {
  builder.queryField("locks", (t) =>
    t.connection(
      {
        type: LockRef,
        description: "The locks in the caller's reach, by address.",
        authScopes: (_root, _args, { principal }) => maySeeSomeLock(principal),
        args: { filter: t.arg({ type: LockFilterRef }) },
        resolve: (_root, { filter: input, ...args }, { principal }) => {
          const page = forwardPage(args);
          const start = page.after === undefined ? undefined : startOf(deps, principal, page.after);
          const views = [...matchingViews(deps, principal, readLockFilter(input, principal))];
          const rest = start === undefined ? views : views.filter((view) => byAddress(view.place, start) > 0);
          return { ...connectionOf(rest, page, (view) => view.place.lockId), totalCount: views.length };
        },
      },
      { fields: (connection) => ({ totalCount: connection.exposeInt("totalCount") }) },
    ),
  );
}

function startOf({ directory }: LockListDeps, principal: Principal, after: string): LockPlace {
  const place = directory.byId(after);
  if (place === undefined || principal.kind === "anonymous" || place.tenant !== principal.tenant) {
    throw new InvalidInputError("a cursor is one that an earlier answer gave", ["after"]);
  }
  return place;
}
