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
  /** Citizens to whom a path through its door leads. */
  readonly citizens: readonly number[];
}

/** A department, as far as the place of its work is concerned. */
export interface PlacedDepartment {
  readonly department: number;
  readonly tenant: number;
  /** Absent for those that serve the whole municipality. */
  readonly district: number | null;
}

/** The departments that a lock of this tenant and district belongs to. */
export function departmentsAt(
  departments: readonly PlacedDepartment[],
  { tenant, district }: { readonly tenant: number; readonly district: number | null },
): readonly number[] {
  return departments
    .filter((each) => each.tenant === tenant && (each.district === null || each.district === district))
    .map((each) => each.department);
}

/** An address as people write it. */
export function addressText(parts: Pick<AddressRow, "street" | "number" | "floor" | "side" | "postalCode" | "city">) {
  const { street, number, floor, side, postalCode, city } = parts;
  const storey = floor !== null && /^\d/.test(floor) ? `${floor}.` : (floor ?? "");
  const home = [storey, side ?? ""].filter((part) => part !== "").join(" ");
  return [`${street} ${number}`, home, `${postalCode} ${city}`].filter((part) => part !== "").join(", ");
}
