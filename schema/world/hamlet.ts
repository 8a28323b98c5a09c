import { parseWorld } from "./parse.ts";
import type { World } from "./world.ts";

/** A claim as a lock has one. */
export const CLAIM = "A".repeat(43);

/** The smallest town that uses every list. */
export function hamlet(): World {
  return {
    version: 1,
    tenant: { id: "hamlet-kommune", name: "Lilleby Kommune", timeZone: "Europe/Copenhagen" },
    policy: { remoteOpen: "off", visitOnly: ["temp"], permitHours: 72 },
    districts: [{ externalId: "D-øst", name: "Øst" }],
    departments: [
      {
        externalId: "A-1",
        name: "Hjemmeplejen Øst",
        kind: "homecare",
        district: "D-øst",
        ean: "5790000000005",
        ownStaff: true,
      },
    ],
    providers: [{ externalId: "L-1", name: "Opdigtet Omsorg ApS", contractEnd: "2027-12-31" }],
    bundles: [{ externalId: "B-1", name: "øst" }],
    employees: [
      { externalId: "HJP001", name: "Karla Opdigtet", profession: "sosuHelper", department: "A-1", active: true },
      { externalId: "HJP002", name: "Villy Opdigtet", profession: "temp", provider: "L-1", active: true, roles: ["E"] },
    ],
    memberships: [{ employee: "HJP001", bundle: "B-1", from: "2026-10-25T02:30:00+02:00" }],
    housingCompanies: [{ externalId: "H-1", name: "Boligselskabet Fjordkig" }],
    addresses: [
      { externalId: "S-1", street: "Ærøgade", number: "7", postalCode: "9999", city: "Lilleby", district: "D-øst" },
      {
        externalId: "S-1-1tv",
        street: "Ærøgade",
        number: "7",
        floor: "1",
        side: "tv",
        postalCode: "9999",
        city: "Lilleby",
        district: "D-øst",
      },
    ],
    citizens: [
      {
        externalId: "C-1",
        name: "Åse Opdigtet",
        entryReason: "emergencyCall",
        emergencyCall: true,
        address: "S-1-1tv",
      },
    ],
    doors: [
      { externalId: "DR-1", kind: "stairwell", address: "S-1", housingCompany: "H-1" },
      { externalId: "DR-2", kind: "flat", address: "S-1-1tv" },
    ],
    paths: [{ externalId: "P-1", citizen: "C-1", doors: ["DR-1", "DR-2"], bundles: ["B-1"] }],
    locks: [
      {
        serial: "PX-000001",
        model: "Portner M1",
        door: "DR-2",
        claim: CLAIM,
        legalBasis: "SEL § 112",
        consent: { reference: "Sag 26-1", date: "2026-03-02" },
      },
    ],
  };
}

/** The faults of a text, as `line path code`. */
export function faultsOf(text: string): string[] {
  const reading = parseWorld(text);
  return reading.ok ? [] : reading.faults.map(({ line, path, code }) => `${line} ${path} ${code}`);
}

/** The hamlet as a file, after a change. */
export function pretty(change: (world: World) => void): string {
  const world = hamlet();
  change(world);
  return JSON.stringify(world, undefined, 2);
}
