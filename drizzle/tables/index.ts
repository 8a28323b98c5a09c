export * from "./access.ts";
export * from "./identity.ts";
export * from "./locks.ts";
export * from "./people.ts";
export * from "./places.ts";
export * from "./tenants.ts";
