import { z } from "zod";
import { Role } from "../people/roles.ts";
import { DayText, ExternalId, InstantText, Name } from "./fields.ts";

/** A private provider of home care (R44–R49). Its staff are employees with `provider` instead of `department`. */
export const WorldProvider = z.strictObject({
  externalId: ExternalId,
  name: Name,
  contractEnd: DayText.optional().describe("Last day of the contract; all access ends with it. Absent: open-ended."),
});
/** See {@link WorldProvider}. */
export type WorldProvider = z.infer<typeof WorldProvider>;

/** A key bundle (nøglebundt): a set of paths that a carer may open while a member (R17). */
export const WorldBundle = z.strictObject({
  externalId: ExternalId,
  name: Name.describe("øst, vest, nord, fælles, or a provider's name. Unique."),
});
/** See {@link WorldBundle}. */
export type WorldBundle = z.infer<typeof WorldBundle>;

/** Professions; the default kind of credential follows from it (R10): iPad, iPhone or smartkey. */
export const PROFESSIONS = [
  "sosuAssistant",
  "sosuHelper",
  "nurse",
  "student",
  "temp",
  "coordinator",
  "leader",
  "administrator",
  "assessor",
  "hotlineWorker",
  "installer",
  "depotWorker",
  "auditor",
] as const;

/** Roles a person can have. Integrators (G) are tokens, not people. */
export const WorldRole = Role.exclude(["G"]);
/** See {@link WorldRole}. */
export type WorldRole = z.infer<typeof WorldRole>;

/** One employee: an individual user, known in the care system by user id (R11, R12). No shared accounts. */
export const WorldEmployee = z
  .strictObject({
    externalId: ExternalId.describe("User id in the care system; what a caller tells the hotline (R57)."),
    name: Name,
    profession: z.enum(PROFESSIONS),
    department: ExternalId.optional().describe("Own department; exactly one of `department` and `provider`."),
    provider: ExternalId.optional().describe("Employing provider; exactly one of `department` and `provider`."),
    active: z.boolean().describe("false: known, but opens nothing and signs in nowhere."),
    roles: z
      .array(WorldRole)
      .max(WorldRole.options.length)
      .optional()
      .describe("Roles beyond opening doors. Absent: E only."),
  })
  .refine((employee) => (employee.department === undefined) !== (employee.provider === undefined), {
    error: "needs exactly one of `department` and `provider`",
  });
/** See {@link WorldEmployee}. */
export type WorldEmployee = z.infer<typeof WorldEmployee>;

/** An employee's membership of a bundle, from `from` until before `to`. */
export const WorldMembership = z
  .strictObject({
    employee: ExternalId,
    bundle: ExternalId,
    from: InstantText.describe("First instant of the membership."),
    to: InstantText.optional().describe("End, not included; after `from`. Absent: until taken away."),
  })
  .refine(({ from, to }) => to === undefined || Date.parse(from) < Date.parse(to), {
    error: "`to` must be after `from`",
    path: ["to"],
  });
/** See {@link WorldMembership}. */
export type WorldMembership = z.infer<typeof WorldMembership>;
