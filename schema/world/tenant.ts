import { z } from "zod";
import { Identifier } from "../mqtt/identifier.ts";
import { Ean, ExternalId, Name, PhoneNumber } from "./fields.ts";

/** The municipality. Its id is the tenant's in every topic and message of the lock link, so it can't be changed later. */
export const WorldTenant = z.strictObject({
  id: Identifier.describe("Tenant id in topics and messages: 8–36 lower-case letters, digits, hyphens."),
  name: Name.describe("Name on screens, for example `Fjordby Kommune`."),
  timeZone: z.literal("Europe/Copenhagen").describe("Zone of schedules and days; the only one supported."),
  ean: Ean.optional().describe("EAN of the central administration."),
  hotlinePhone: PhoneNumber.nullable()
    .optional()
    .describe("Whom staff call day and night; their phones show it. Absent: as it was. Null: nobody."),
});
/** See {@link WorldTenant}. */
export type WorldTenant = z.infer<typeof WorldTenant>;

/** Where municipalities differ: settings, never guesses. */
export const WorldPolicy = z.strictObject({
  remoteOpen: z
    .enum(["off", "onePerson", "twoPersons"])
    .describe("Opening a door for somebody else: never, by one person, or by two. Always with a reason, and reviewed."),
  visitOnly: z
    .array(z.enum(["temp", "student"]))
    .max(2)
    .describe("Professions that open only within a planned visit (R13, R14)."),
  permitHours: z
    .int()
    .min(1)
    .max(72)
    .describe("Validity of a smartkey's permit in hours: 1–72 (R39: 72 in one municipality)."),
});
/** See {@link WorldPolicy}. */
export type WorldPolicy = z.infer<typeof WorldPolicy>;

/** A part of town. Addresses and departments lie in districts. */
export const WorldDistrict = z.strictObject({ externalId: ExternalId, name: Name });
/** See {@link WorldDistrict}. */
export type WorldDistrict = z.infer<typeof WorldDistrict>;

/** What a department does; decides which capabilities make sense, never who is blocked. */
export const DEPARTMENT_KINDS = [
  "homecare",
  "nursing",
  "night",
  "rehab",
  "depot",
  "assessment",
  "hotline",
  "administration",
  "installer",
] as const;

/** A department of the municipality. */
export const WorldDepartment = z.strictObject({
  externalId: ExternalId,
  name: Name,
  kind: z.enum(DEPARTMENT_KINDS).describe("What the department does (R3)."),
  district: ExternalId.optional().describe("District it serves; absent: the whole municipality."),
  ean: Ean.describe("EAN its costs are booked on (R32)."),
  ownStaff: z
    .boolean()
    .describe("true: municipal employees. false: a contractor's people (an installer, say), listed here all the same."),
});
/** See {@link WorldDepartment}. */
export type WorldDepartment = z.infer<typeof WorldDepartment>;
