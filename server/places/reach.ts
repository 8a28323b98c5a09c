import { authorise, type Narrowing, type Operation, type Permission, type Principal } from "../identity/index.ts";
import type { Tables } from "../kernel/database.ts";
import { departmentsByIds } from "../people/index.ts";

/** Where a principal may do an operation. */
export interface PlaceReach {
  /** The tenant's districts; absent: all of them. Empty: nowhere. */
  readonly districts?: readonly number[] | undefined;
  /** What may be shown less of there. */
  readonly narrowing?: Narrowing | undefined;
  /** Whether a second person has to agree. */
  readonly needsSecondPerson?: boolean | undefined;
}

function dutiesOf({ narrowing, needsSecondPerson }: Permission): PlaceReach {
  return { narrowing, needsSecondPerson };
}

const NOWHERE: PlaceReach = { districts: [] };

function departmentsOf(principal: Principal): readonly number[] {
  if (principal.kind === "phone") return principal.department === undefined ? [] : [principal.department];
  if (principal.kind !== "dashboard") return [];
  return principal.roles.flatMap(({ department }) => (department === undefined ? [] : [department]));
}

/**
 * Where in town the principal may do the operation. A place belongs to the departments of its district, and to those
 * that serve the whole municipality.
 */
export async function reachOf(tables: Tables, principal: Principal, operation: Operation): Promise<PlaceReach> {
  if (principal.kind === "anonymous") return NOWHERE;
  const { tenant } = principal;
  const everywhere = authorise(principal, operation, { tenant });
  if (everywhere.ok) return dutiesOf(everywhere.value);
  const granted = departmentsOf(principal).flatMap((department) => {
    const permission = authorise(principal, operation, { tenant, department });
    return permission.ok ? [{ department, permission: permission.value }] : [];
  });
  if (granted.length === 0) return NOWHERE;
  const departments = await departmentsByIds(
    tables,
    granted.map(({ department }) => department),
  );
  const duties = {
    narrowing: granted.find(({ permission }) => permission.narrowing !== undefined)?.permission.narrowing,
    needsSecondPerson: granted.some(({ permission }) => permission.needsSecondPerson),
  };
  const districts = departments.map(({ district }) => district);
  return districts.includes(null)
    ? duties
    : { districts: districts.flatMap((district) => (district === null ? [] : [district])), ...duties };
}

/** Whether a place of this district lies in the reach. */
export function reaches(reach: PlaceReach, district: number | null): boolean {
  return reach.districts === undefined || (district !== null && reach.districts.includes(district));
}

/** Whether the principal may know anything of citizens beyond their address, be it in one department only. */
export function knowsCitizens(principal: Principal): boolean {
  if (principal.kind === "anonymous") return false;
  const { tenant } = principal;
  const facts = [{ tenant }, ...departmentsOf(principal).map((department) => ({ tenant, department }))];
  return facts.some((each) => {
    const permission = authorise(principal, "lookUpCitizen", each);
    return permission.ok && permission.value.narrowing === undefined;
  });
}
