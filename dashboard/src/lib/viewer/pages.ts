import type { Role } from "@portner/schema/people";

/** Pages of the frame, in the order of the navigation. */
export const PAGES = ["console", "live", "locks", "quarantine", "open"] as const;
/** See {@link PAGES}. */
export type Page = (typeof PAGES)[number];

/** Address of each page; the same in every language. */
export const PAGE_PATHS: Readonly<Record<Page, `/${string}`>> = {
  console: "/",
  live: "/live",
  locks: "/locks",
  quarantine: "/quarantine",
  open: "/open",
};

/** Second key of `g …`. */
export const PAGE_KEYS: Readonly<Record<Page, string>> = {
  console: "v",
  live: "l",
  locks: "a",
  quarantine: "k",
  open: "o",
};

/** By default of the permission matrix; the hub decides in any case, this only spares people dead ends. */
const ROLES_OF: Readonly<Record<Page, readonly Role[]>> = {
  console: ["H", "C", "L", "A", "V", "P", "D", "I"],
  live: ["C", "L", "A", "P", "D", "H"],
  locks: ["C", "L", "A", "H", "I", "B", "P"],
  quarantine: ["A", "C", "L", "H", "I", "B"],
  open: ["E", "I", "B"],
};

/** Whether somebody with these roles is shown locks at all: without that, an address without one says nothing. */
export function seesLocks(roles: readonly Role[]): boolean {
  return ROLES_OF.locks.some((role) => roles.includes(role));
}

/** Roles that are shown batteries; the hub decides in any case, this spares people what says nothing to them. */
const BATTERY_ROLES: readonly Role[] = ["C", "L", "A", "H", "I", "B"];

/** Whether somebody with these roles is shown batteries: without that, a battery that isn't told is not unknown. */
export function seesBatteries(roles: readonly Role[]): boolean {
  return BATTERY_ROLES.some((role) => roles.includes(role));
}

/**
 * How much of the municipality a list of locks or their messages tells somebody of: the whole town, what belongs to their
 * own department or provider, or what they have a job on. Less than the town, nothing shown is not nothing there.
 */
export type Reach = "town" | "own" | "jobs";

/** The widest reach of these roles. */
export function reachOf(roles: readonly Role[]): Reach {
  if (roles.includes("A") || roles.includes("H")) return "town";
  return roles.some((role) => role !== "I" && role !== "B") ? "own" : "jobs";
}

/** Whether somebody with these roles is shown how locks are, beyond their batteries: quarantine, say. */
export function seesLockStatus(roles: readonly Role[]): boolean {
  return roles.some((role) => role !== "B" && ROLES_OF.locks.includes(role));
}

/** Whether somebody with these roles sees only what they have a job on: then nothing shown is not nothing there. */
export function seesJobsOnly(roles: readonly Role[]): boolean {
  return roles.every((role) => role === "I");
}

/**
 * Whose events at doors somebody is told of: those of the locks in reach, those at locks they have a job on, those about
 * themselves, or none at all.
 */
export type EventReach = "locks" | "jobs" | "self" | "none";

/** The widest reach of these roles. */
export function eventReachOf(roles: readonly Role[]): EventReach {
  if (ROLES_OF.live.some((role) => roles.includes(role))) return "locks";
  if (roles.includes("I")) return "jobs";
  return roles.includes("E") ? "self" : "none";
}

/** Pages that somebody with these roles can use. */
export function pagesOf(roles: readonly Role[]): readonly Page[] {
  return PAGES.filter((page) => ROLES_OF[page].some((role) => roles.includes(role)));
}
