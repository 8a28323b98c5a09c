import { z } from "zod";
import { WORLD_ENTRIES_MAX } from "./limits.ts";
import { WorldBundle, WorldEmployee, WorldMembership, WorldProvider } from "./people.ts";
import { WorldAddress, WorldCitizen, WorldDoor, WorldHousingCompany, WorldLock, WorldPath } from "./places.ts";
import { WorldDepartment, WorldDistrict, WorldPolicy, WorldTenant } from "./tenant.ts";

/** Version of the format. Another version is refused, never guessed at. */
export const WORLD_VERSION = 1;

/** A town as `portner import` reads it: one tenant, everything in it by external ids. JSON, UTF-8. */
export const World = z.strictObject({
  version: z.literal(WORLD_VERSION),
  tenant: WorldTenant,
  policy: WorldPolicy,
  districts: z.array(WorldDistrict).max(WORLD_ENTRIES_MAX),
  departments: z.array(WorldDepartment).max(WORLD_ENTRIES_MAX),
  providers: z.array(WorldProvider).max(WORLD_ENTRIES_MAX),
  bundles: z.array(WorldBundle).max(WORLD_ENTRIES_MAX),
  employees: z.array(WorldEmployee).max(WORLD_ENTRIES_MAX),
  memberships: z.array(WorldMembership).max(WORLD_ENTRIES_MAX),
  housingCompanies: z.array(WorldHousingCompany).max(WORLD_ENTRIES_MAX),
  addresses: z.array(WorldAddress).max(WORLD_ENTRIES_MAX),
  citizens: z.array(WorldCitizen).max(WORLD_ENTRIES_MAX),
  doors: z.array(WorldDoor).max(WORLD_ENTRIES_MAX),
  paths: z.array(WorldPath).max(WORLD_ENTRIES_MAX),
  locks: z.array(WorldLock).max(WORLD_ENTRIES_MAX),
});
/** See {@link World}. */
export type World = z.infer<typeof World>;

/** The lists of a world file, in the order in which an import applies them. */
export const WORLD_LISTS = [
  "districts",
  "departments",
  "providers",
  "bundles",
  "employees",
  "memberships",
  "housingCompanies",
  "addresses",
  "citizens",
  "doors",
  "paths",
  "locks",
] as const;

/** A list of a world file. */
export type WorldList = (typeof WORLD_LISTS)[number];
