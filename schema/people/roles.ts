import { z } from "zod";

/** The roles of a municipality, by the letters of its permission matrix. */
export const ROLES = ["E", "C", "L", "A", "V", "H", "I", "B", "G", "P", "D"] as const;
/** See {@link ROLES}. */
export const Role = z.enum(ROLES);
/** See {@link ROLES}. */
export type Role = z.infer<typeof Role>;

/** What each role is called. */
export const ROLE_NAMES: Readonly<Record<Role, { readonly da: string; readonly en: string }>> = {
  E: { da: "Medarbejder", en: "Carer" },
  C: { da: "Koordinator", en: "Coordinator" },
  L: { da: "Daglig leder", en: "Daily leader" },
  A: { da: "Central administration", en: "Central administration" },
  V: { da: "Visitation", en: "Assessment office" },
  H: { da: "Hotline", en: "Hotline" },
  I: { da: "Låsepartner", en: "Installer" },
  B: { da: "Hjælpemiddeldepot", en: "Battery depot" },
  G: { da: "Integration", en: "Integrator" },
  P: { da: "Leverandørs administrator", en: "Provider's administrator" },
  D: { da: "Databeskyttelse", en: "Auditor" },
};
