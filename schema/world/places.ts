import { z } from "zod";
import { DayText, ExternalId, Name } from "./fields.ts";
import { PATH_BUNDLES_MAX, PATH_DOORS_MAX } from "./limits.ts";

/** A housing company: it must allow a lock in a gate or a stairwell door (R19, R20). */
export const WorldHousingCompany = z.strictObject({ externalId: ExternalId, name: Name });
/** See {@link WorldHousingCompany}. */
export type WorldHousingCompany = z.infer<typeof WorldHousingCompany>;

/** A citizen with a lock. No CPR number, ever. */
export const WorldCitizen = z
  .strictObject({
    externalId: ExternalId.describe("Id in the care system; never a CPR number."),
    name: Name,
    entryReason: z
      .enum(["emergencyCall", "cannotOpen"])
      .describe("Why the municipality needs to let itself in (R2): an emergency call, or can't open the door."),
    emergencyCall: z
      .boolean()
      .describe("Has an emergency call; sorts first in every risk list. true when it is the entry reason."),
    address: ExternalId.describe("The citizen's home."),
  })
  .refine((citizen) => citizen.emergencyCall || citizen.entryReason !== "emergencyCall", {
    error: "must be true when the entry reason is `emergencyCall`",
    path: ["emergencyCall"],
  })
  .refine((citizen) => !/^\d{6}-?\d{4}$/.test(citizen.externalId), {
    error: "looks like a CPR number; use the care system's id",
    path: ["externalId"],
  });
/** See {@link WorldCitizen}. */
export type WorldCitizen = z.infer<typeof WorldCitizen>;

/** An address: of a home (with floor and side where it has them), or of a gate or stairwell (street and number). */
export const WorldAddress = z.strictObject({
  externalId: ExternalId.describe("DAR id where there is one."),
  street: Name,
  number: z
    .string()
    .regex(/^[1-9]\d{0,2}[A-ZÆØÅ]?$/, "must be a house number such as 7 or 12B")
    .describe("House number, 1–999 and perhaps a letter."),
  floor: z
    .string()
    .regex(/^(kl|st|[1-9]\d?)$/, "must be kl, st or 1–99")
    .optional()
    .describe("kl (basement), st (ground floor), or 1–99."),
  side: z
    .string()
    .regex(/^(tv|mf|th|[1-9]\d{0,3})$/, "must be tv, mf, th or a door number")
    .optional()
    .describe("tv, mf, th (left, middle, right) or a door number."),
  postalCode: z.string().regex(/^\d{4}$/, "must be four digits"),
  city: Name,
  district: ExternalId,
});
/** See {@link WorldAddress}. */
export type WorldAddress = z.infer<typeof WorldAddress>;

/** Where a door stands on the way from the street to the citizen. */
export const DOOR_KINDS = ["gate", "stairwell", "flat"] as const;

/** A door, with a lock or without: one without is skipped and shown when a path is opened. */
export const WorldDoor = z.strictObject({
  externalId: ExternalId,
  kind: z.enum(DOOR_KINDS).describe("gate, stairwell (opgang), or flat: the citizen's own door, in a house too."),
  address: ExternalId,
  housingCompany: ExternalId.optional().describe("Owner of a shared door, who allowed the lock."),
});
/** See {@link WorldDoor}. */
export type WorldDoor = z.infer<typeof WorldDoor>;

/** The path to the citizen (R19, R20): every door from the street inwards, the last one the flat's. */
export const WorldPath = z.strictObject({
  externalId: ExternalId,
  citizen: ExternalId,
  doors: z.array(ExternalId).min(1).max(PATH_DOORS_MAX).describe("Street inwards: gates, stairwell doors, one flat."),
  bundles: z.array(ExternalId).min(1).max(PATH_BUNDLES_MAX).describe("Bundles whose members may open this path."),
});
/** See {@link WorldPath}. */
export type WorldPath = z.infer<typeof WorldPath>;

/** A lock unit that waits to be commissioned, or was already. */
export const WorldLock = z.strictObject({
  serial: z
    .string()
    .regex(/^[A-Z0-9][A-Z0-9-]{3,31}$/, "must be 4–32 capital letters, digits, hyphens")
    .describe("Serial number on the unit. Unique."),
  model: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 .-]{0,31}$/, "must be 1–32 letters, digits, spaces, dots, hyphens")
    .describe("Model; battery specification and motor follow from it."),
  door: ExternalId.describe("The door it is fitted to. One lock a door."),
  claim: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "must be 256 random bits in base64url without padding")
    .describe("One-time secret the unit shows when it is commissioned; the hub keeps only its hash. Unique."),
  legalBasis: Name.describe("Legal basis of the installation (R1), for example `SEL § 112`."),
  consent: z
    .strictObject({
      reference: Name.describe("Where the written consent is filed; a housing company's for shared doors."),
      date: DayText,
    })
    .describe("Written consent before mounting (R5)."),
});
/** See {@link WorldLock}. */
export type WorldLock = z.infer<typeof WorldLock>;
