import type { PortnerBuilder, Principal } from "../identity/index.ts";
import type { Tables } from "../kernel/database.ts";
import { addDistricts } from "./graphql/districts.ts";
import { addLookUpCitizen } from "./graphql/look-up.ts";
import type { LookUpDeps } from "./look-up-citizen.ts";
import { knowsCitizens, reaches, reachOf } from "./reach.ts";
import { addressByPublicId, addressesByIds, type AddressRow } from "./store/addresses.ts";
import { citizenByPublicId, citizensByIds, type CitizenRow } from "./store/citizens.ts";
import {
  doorByPublicId,
  pathByPublicId,
  pathHomesOfCitizens,
  stepsOfPaths,
  type DoorRow,
  type PathHome,
} from "./store/doors.ts";

/** A citizen as shown: with the name only where it was asked for with a purpose. */
export interface ShownCitizen {
  readonly citizen: CitizenRow;
  readonly named: boolean;
}

/** A door as shown; one that was reached along a path knows which. */
export interface ShownDoor extends DoorRow {
  readonly onPath?: number;
}

function isOf(principal: Principal, tenant: number): boolean {
  return principal.kind !== "anonymous" && principal.tenant === tenant;
}

/** Whether a place by itself (through `node`) may be shown: to who sees its locks, or may look up who lives there. */
async function mayShow(tables: Tables, principal: Principal, home: AddressRow | undefined): Promise<boolean> {
  if (home === undefined || !isOf(principal, home.tenant)) return false;
  for (const operation of ["readLockStatus", "lookUpCitizen"] as const) {
    if (reaches(await reachOf(tables, principal, operation), home.district)) return true;
  }
  return false;
}

/** The types of places; higher domains add to them with `builder.objectFields`. */
function makeRefs(builder: PortnerBuilder) {
  return {
    AddressRef: builder.objectRef<AddressRow>("Address"),
    DoorRef: builder.objectRef<ShownDoor>("Door"),
    PathRef: builder.objectRef<PathHome>("Path"),
    CitizenRef: builder.objectRef<ShownCitizen>("Citizen"),
  };
}

type Refs = ReturnType<typeof makeRefs>;

/**
 * Adds addresses, doors, paths and citizens, and the look-up of citizens. A place may be shown to everybody of its tenant
 * who comes to it through something they may see; `node` asks for a right to the place itself.
 */
export function extendPlaces(builder: PortnerBuilder, deps: LookUpDeps): Refs {
  const refs = makeRefs(builder);
  const { tables } = deps.database;
  addAddress(builder, refs, tables);
  addDoor(builder, refs, tables);
  addPath(builder, refs, tables);
  addCitizen(builder, refs, tables);
  addLookUpCitizen(builder, refs, deps);
  addDistricts(builder, tables);
  return refs;
}

function addAddress(builder: PortnerBuilder, refs: Refs, tables: Tables): void {
  builder.node(refs.AddressRef, {
    description: "An address: of a home, or of a gate or stairwell.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.tenant),
    loadOne: async (id, { principal }) => {
      const row = await addressByPublicId(tables, id);
      return row !== undefined && (await mayShow(tables, principal, row)) ? row : null;
    },
    fields: (t) => ({
      externalId: t.exposeString("externalId", { description: "DAR id where there is one." }),
      street: t.exposeString("street"),
      number: t.exposeString("number"),
      floor: t.exposeString("floor", { nullable: true, description: "kl, st, or 1–99." }),
      side: t.exposeString("side", { nullable: true, description: "tv, mf, th, or a door number." }),
      postalCode: t.exposeString("postalCode"),
      city: t.exposeString("city"),
      line: t.string({ description: "As written on a letter.", resolve: addressLine }),
    }),
  });
}

/** An address as written on a letter: `Åbovej 12, 2. th, 4999 Fjordby`. */
function addressLine({ street, number, floor, side, postalCode, city }: AddressRow): string {
  const storey = floor === null ? "" : /^\d/.test(floor) ? `${floor}.` : floor;
  const home = [storey, side ?? ""].filter((part) => part !== "").join(" ");
  return [`${street} ${number}`, home, `${postalCode} ${city}`].filter((part) => part !== "").join(", ");
}

function addDoor(builder: PortnerBuilder, refs: Refs, tables: Tables): void {
  builder.node(refs.DoorRef, {
    description: "A door on the way to a citizen.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.tenant),
    loadOne: async (id, { principal }) => {
      const row = await doorByPublicId(tables, id);
      const [home] = row === undefined ? [] : await addressesByIds(tables, [row.address]);
      return row !== undefined && (await mayShow(tables, principal, home)) ? row : null;
    },
    fields: (t) => ({
      externalId: t.exposeString("externalId"),
      kind: t.exposeString("kind", { description: "gate, stairwell or flat." }),
      address: t.loadable({
        type: refs.AddressRef,
        load: async (ids: number[]) => [...(await addressesByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: (row) => row.address,
      }),
    }),
  });
}

function addPath(builder: PortnerBuilder, refs: Refs, tables: Tables): void {
  builder.node(refs.PathRef, {
    description: "The way to a citizen: every door from the street inwards, opened as one.",
    id: { resolve: (row) => row.path.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.path.tenant),
    loadOne: async (id, { principal }) => {
      const row = await pathByPublicId(tables, id);
      const [home] = row === undefined ? [] : await addressesByIds(tables, [row.home]);
      return row !== undefined && (await mayShow(tables, principal, home)) ? row : null;
    },
    fields: (t) => ({
      externalId: t.string({ resolve: (row) => row.path.externalId }),
      home: t.loadable({
        type: refs.AddressRef,
        description: "Where the path leads.",
        load: async (ids: number[]) => [...(await addressesByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: (row) => row.home,
      }),
      doors: t.loadableGroup({
        type: refs.DoorRef,
        description: "From the street inwards.",
        load: async (ids: number[]) =>
          (await stepsOfPaths(tables, ids)).map(({ path, door }) => ({ ...door, onPath: path })),
        group: (row) => row.onPath ?? 0,
        resolve: (row) => row.path.id,
      }),
      citizen: t.loadable({
        type: refs.CitizenRef,
        load: async (ids: number[]) => withoutNames(await citizensByIds(tables, ids)),
        sort: (row) => row.citizen.id,
        resolve: (row) => row.path.citizen,
      }),
    }),
  });
}

function withoutNames(rows: readonly CitizenRow[]): ShownCitizen[] {
  return rows.map((citizen) => ({ citizen, named: false }));
}

function addCitizen(builder: PortnerBuilder, refs: Refs, tables: Tables): void {
  builder.node(refs.CitizenRef, {
    description: "A citizen who receives care at home. The name is told by `lookUpCitizen` only, for a purpose.",
    id: { resolve: (row) => row.citizen.publicId },
    authScopes: (row, { principal }) => isOf(principal, row.citizen.tenant),
    loadOne: async (id, { principal }) => {
      const citizen = await citizenByPublicId(tables, id);
      const [home] = citizen === undefined ? [] : await addressesByIds(tables, [citizen.address]);
      return citizen !== undefined && (await mayShow(tables, principal, home)) ? { citizen, named: false } : null;
    },
    fields: (t) => ({
      name: t.string({ nullable: true, resolve: ({ citizen, named }) => (named ? citizen.name : null) }),
      entryReason: t.string({
        nullable: true,
        description: "emergencyCall or cannotOpen; told with the name.",
        resolve: ({ citizen, named }) => (named ? citizen.entryReason : null),
      }),
      emergencyCall: t.boolean({
        nullable: true,
        description: "Whether the home has an emergency call; told to those who may look citizens up.",
        resolve: ({ citizen, named }, _args, { principal }) =>
          named || knowsCitizens(principal) ? citizen.emergencyCall : null,
      }),
      address: t.loadable({
        type: refs.AddressRef,
        load: async (ids: number[]) => [...(await addressesByIds(tables, ids))],
        sort: (row) => row.id,
        resolve: ({ citizen }) => citizen.address,
      }),
      paths: t.loadableGroup({
        type: refs.PathRef,
        load: async (ids: number[]) => [...(await pathHomesOfCitizens(tables, ids))],
        group: (row) => row.path.citizen,
        resolve: ({ citizen }) => citizen.id,
      }),
    }),
  });
}
