import type { World } from "@portner/schema/world";
import type { Dice } from "./dice.ts";

/** The districts, with the share of the town's homes that lies in each, in hundredths. */
export const DISTRICTS = [
  { externalId: "distrikt-oest", name: "Øst", bundle: "bundt-oest", homecare: "hjemmepleje-oest", share: 40 },
  { externalId: "distrikt-vest", name: "Vest", bundle: "bundt-vest", homecare: "hjemmepleje-vest", share: 35 },
  { externalId: "distrikt-nord", name: "Nord", bundle: "bundt-nord", homecare: "hjemmepleje-nord", share: 25 },
] as const;

/** A district of the town. */
export type District = (typeof DISTRICTS)[number];

/** The bundle of every district's night watch and nurses, and of the emergency-call homes. */
export const SHARED_BUNDLE = "bundt-faelles";

/** The private provider, its bundle, and the part of the citizens who chose it. */
export const PROVIDER = { externalId: "leverandoer-havblik", bundle: "bundt-havblik", citizensShare: 0.12 } as const;

/** Housing companies that allowed locks in gates and stairwells. */
export const HOUSING_COMPANIES = [
  { externalId: "bolig-fjordkig", name: "Boligforeningen Fjordkig" },
  { externalId: "bolig-havnely", name: "Andelsboligforeningen Havnely" },
  { externalId: "bolig-moellehoej", name: "Boligselskabet Møllehøj" },
] as const;

/** An EAN that no Danish authority has: invented, with the right check digit. */
function ean(dice: Dice): string {
  const digits = `579899${String(dice.below(1_000_000)).padStart(6, "0")}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function departments(dice: Dice): World["departments"] {
  const common = [
    { externalId: "nattevagt", name: "Nattevagten", kind: "night", ownStaff: true },
    { externalId: "sygepleje", name: "Sygeplejen", kind: "nursing", ownStaff: true },
    { externalId: "rehab", name: "Rehab", kind: "rehab", ownStaff: true },
    { externalId: "hotline", name: "Hotline", kind: "hotline", ownStaff: true },
    { externalId: "depot", name: "Hjælpemiddeldepotet", kind: "depot", ownStaff: true },
    { externalId: "visitation", name: "Visitationen", kind: "assessment", ownStaff: true },
    { externalId: "administration", name: "Ældre- og Sundhedsforvaltningen", kind: "administration", ownStaff: true },
    { externalId: "laasepartner", name: "Fjordby Låsepartner", kind: "installer", ownStaff: false },
  ] as const;
  return [
    ...DISTRICTS.map((district) => ({
      externalId: district.homecare,
      name: `Hjemmeplejen ${district.name}`,
      kind: "homecare" as const,
      district: district.externalId,
      ean: ean(dice),
      ownStaff: true,
    })),
    ...common.map((department) => ({ ...department, ean: ean(dice) })),
  ];
}

/** Fjordby Kommune without its people and doors. */
export function organisation(
  dice: Dice,
): Pick<World, "tenant" | "policy" | "districts" | "departments" | "providers" | "bundles" | "housingCompanies"> {
  return {
    tenant: {
      id: `fjordby-${dice.uuid().slice(0, 8)}`,
      name: "Fjordby Kommune",
      timeZone: "Europe/Copenhagen",
      ean: ean(dice),
      // Nobody's: no Danish number begins with a nought.
      hotlinePhone: "+4500112233",
    },
    policy: { remoteOpen: "twoPersons", visitOnly: ["temp", "student"], permitHours: 72 },
    districts: DISTRICTS.map(({ externalId, name }) => ({ externalId, name })),
    departments: departments(dice),
    providers: [{ externalId: PROVIDER.externalId, name: "Havblik Ældreomsorg ApS", contractEnd: "2028-12-31" }],
    bundles: [
      ...DISTRICTS.map(({ bundle, name }) => ({ externalId: bundle, name: name.toLowerCase() })),
      { externalId: SHARED_BUNDLE, name: "fælles" },
      { externalId: PROVIDER.bundle, name: "Havblik Ældreomsorg" },
    ],
    housingCompanies: HOUSING_COMPANIES.map((company) => ({ ...company })),
  };
}
