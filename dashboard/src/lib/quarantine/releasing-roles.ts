import type { Role } from "@portner/schema/people";

/** By default of the permission matrix; the hub decides in any case, this only spares people a dead end. */
export const RELEASING_ROLES: readonly Role[] = ["A", "L"];
