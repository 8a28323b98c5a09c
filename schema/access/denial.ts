import { z } from "zod";

/** Every reason for a denial, the most telling first: the order in which a decision lists them. */
export const DENIAL_REASONS = [
  "INDEX_STALE",
  "LOCK_UNKNOWN",
  "LOCK_NOT_IN_SERVICE",
  "LOCK_QUARANTINED",
  "CREDENTIAL_UNKNOWN",
  "CREDENTIAL_BLOCKED",
  "CREDENTIAL_NOT_YET_VALID",
  "CREDENTIAL_EXPIRED",
  "PERSON_BLOCKED",
  "PERSON_INACTIVE",
  "ORGANISATION_BLOCKED",
  "ORGANISATION_ENDED",
  "BUNDLE_BLOCKED",
  "MEMBERSHIP_NOT_YET_VALID",
  "MEMBERSHIP_ENDED",
  "NO_BASIS",
] as const;
/** See {@link DENIAL_REASONS}. */
export const DenialReason = z.enum(DENIAL_REASONS);
/** See {@link DENIAL_REASONS}. */
export type DenialReason = z.infer<typeof DenialReason>;

/** Whom a person at the door turns to. */
export type Route = "wait" | "coordinator" | "hotline" | "locksmith";

/** What a reason means and what to do next, in the languages of the screens. */
export interface DenialGuide {
  readonly route: Route;
  readonly da: { readonly sentence: string; readonly nextStep: string };
  readonly en: { readonly sentence: string; readonly nextStep: string };
}

/** The guide to each reason. The door side is told the first reason alone, with its next step. */
export const DENIAL_GUIDES: Readonly<Record<DenialReason, DenialGuide>> = {
  INDEX_STALE: {
    route: "wait",
    da: {
      sentence: "Systemet er ikke opdateret og åbner ikke på et gammelt grundlag.",
      nextStep: "Vent et øjeblik og prøv igen.",
    },
    en: {
      sentence: "The system is not up to date and does not open on old grounds.",
      nextStep: "Wait a moment and try again.",
    },
  },
  LOCK_UNKNOWN: {
    route: "hotline",
    da: { sentence: "Låsen findes ikke.", nextStep: "Ring til hotline." },
    en: { sentence: "There is no such lock.", nextStep: "Call the hotline." },
  },
  LOCK_NOT_IN_SERVICE: {
    route: "hotline",
    da: { sentence: "Låsen er ikke i drift.", nextStep: "Ring til hotline." },
    en: { sentence: "The lock is not in service.", nextStep: "Call the hotline." },
  },
  LOCK_QUARANTINED: {
    route: "hotline",
    da: { sentence: "Låsen opfører sig forkert og er sat i karantæne.", nextStep: "Ring til hotline." },
    en: { sentence: "The lock misbehaves and is quarantined.", nextStep: "Call the hotline." },
  },
  CREDENTIAL_UNKNOWN: {
    route: "coordinator",
    da: {
      sentence: "Telefonen eller smartkeyen er ikke tilmeldt.",
      nextStep: "Bed din koordinator om en ny tilmelding.",
    },
    en: { sentence: "The phone or smartkey is not enrolled.", nextStep: "Ask your coordinator for a new enrolment." },
  },
  CREDENTIAL_BLOCKED: {
    route: "coordinator",
    da: { sentence: "Telefonen eller smartkeyen er spærret.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The phone or smartkey is blocked.", nextStep: "Call your coordinator." },
  },
  CREDENTIAL_NOT_YET_VALID: {
    route: "coordinator",
    da: { sentence: "Telefonen eller smartkeyen gælder ikke endnu.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The phone or smartkey is not valid yet.", nextStep: "Call your coordinator." },
  },
  CREDENTIAL_EXPIRED: {
    route: "coordinator",
    da: { sentence: "Telefonen eller smartkeyen er udløbet.", nextStep: "Få den opdateret hos din koordinator." },
    en: { sentence: "The phone or smartkey has expired.", nextStep: "Have it updated by your coordinator." },
  },
  PERSON_BLOCKED: {
    route: "coordinator",
    da: { sentence: "Medarbejderen er spærret.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The employee is blocked.", nextStep: "Call your coordinator." },
  },
  PERSON_INACTIVE: {
    route: "coordinator",
    da: { sentence: "Medarbejderen er ikke aktiv.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The employee is not active.", nextStep: "Call your coordinator." },
  },
  ORGANISATION_BLOCKED: {
    route: "coordinator",
    da: { sentence: "Medarbejderens afdeling eller leverandør er spærret.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The employee's department or provider is blocked.", nextStep: "Call your coordinator." },
  },
  ORGANISATION_ENDED: {
    route: "coordinator",
    da: { sentence: "Leverandørens aftale er ophørt.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The provider's contract has ended.", nextStep: "Call your coordinator." },
  },
  BUNDLE_BLOCKED: {
    route: "hotline",
    da: { sentence: "Nøglebundtet er spærret.", nextStep: "Ring til hotline." },
    en: { sentence: "The key bundle is blocked.", nextStep: "Call the hotline." },
  },
  MEMBERSHIP_NOT_YET_VALID: {
    route: "coordinator",
    da: { sentence: "Adgangen til nøglebundtet gælder ikke endnu.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The access to the key bundle is not valid yet.", nextStep: "Call your coordinator." },
  },
  MEMBERSHIP_ENDED: {
    route: "coordinator",
    da: { sentence: "Adgangen til nøglebundtet er udløbet.", nextStep: "Ring til din koordinator." },
    en: { sentence: "The access to the key bundle has ended.", nextStep: "Call your coordinator." },
  },
  NO_BASIS: {
    route: "coordinator",
    da: { sentence: "Medarbejderen har ingen gyldig adgang til døren.", nextStep: "Bed din koordinator om adgang." },
    en: { sentence: "The employee has no valid access to the door.", nextStep: "Ask your coordinator for access." },
  },
};
