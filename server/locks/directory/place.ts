import type { AddressRow } from "../../places/index.ts";

/** A lock with everything about its place that rights, lists and screens ask for. Keys are internal. */
export interface LockPlace {
  readonly lock: number;
  /** Public id. */
  readonly lockId: string;
  readonly tenant: number;
  readonly serial: string;
  readonly model: string;
  /** Firmware that its unit named when it was commissioned; null before. */
  readonly firmware: string | null;
  readonly door: number;
  /** Id of the door in the system the data came from. */
  readonly doorExternalId: string;
  readonly doorKind: "gate" | "stairwell" | "flat";
  readonly address: number;
  /** The address as people write it: `Havnegade 12, 2. th., 5000 Fjordby`. */
  readonly addressText: string;
  /** The address as a search compares it. */
  readonly folded: string;
  readonly district: number | null;
  /** Public id of the district. */
  readonly districtId: string | null;
  /** Departments that care for people here. */
  readonly departments: readonly number[];
  /** Public ids of the bundles that open a path through its door. */
  readonly bundleIds: readonly string[];
}

/** Kinds of departments that care for people in all districts, unless they have one of their own. */
const EVERYWHERE: ReadonlySet<string> = new Set(["night", "nursing", "rehab"]);

/** A department, as far as the place of its work is concerned. */
export interface PlacedDepartment {
  readonly department: number;
  readonly tenant: number;
  readonly kind: string;
  readonly district: number | null;
}

/** The departments whose people come to a lock of this tenant and district. */
export function departmentsAt(
  departments: readonly PlacedDepartment[],
  { tenant, district }: { readonly tenant: number; readonly district: number | null },
): readonly number[] {
  return departments
    .filter((each) => each.tenant === tenant)
    .filter((each) => (each.district === null ? EVERYWHERE.has(each.kind) : each.district === district))
    .map((each) => each.department);
}

/** An address as people write it. */
export function addressText(parts: Pick<AddressRow, "street" | "number" | "floor" | "side" | "postalCode" | "city">) {
  const { street, number, floor, side, postalCode, city } = parts;
  const flat = [...(floor === null ? [] : [`${floor}.`]), ...(side === null ? [] : [side])].join(" ");
  return [`${street} ${number}`, ...(flat === "" ? [] : [flat]), `${postalCode} ${city}`].join(", ");
}
