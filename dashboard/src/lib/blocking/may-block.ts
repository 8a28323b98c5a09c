import type { Role } from "@portner/schema/people";

/** By default of the permission matrix; the hub decides in any case, this only spares people dead ends. */
const BLOCKING_ROLES: readonly Role[] = ["C", "L", "A", "H", "P"];

/** Whether somebody with these roles blocks devices of others. */
export function mayBlock(roles: readonly Role[]): boolean {
  return BLOCKING_ROLES.some((role) => roles.includes(role));
}

/** By default of the permission matrix, also those who lift a block only together with somebody else. */
const LIFTING_ROLES: readonly Role[] = ["C", "L", "A"];

/** Whether somebody with these roles lifts blocks at all. */
export function mayLift(roles: readonly Role[]): boolean {
  return LIFTING_ROLES.some((role) => roles.includes(role));
}
