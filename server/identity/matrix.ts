import type { Role, Scope } from "@portner/schema/people";
import type { Operation } from "./operation.ts";

/** The default cells of an operation; a role that is not named may not. See {@link parseRule} for how cells read. */
export type Row = Readonly<Partial<Record<Role, string>>>;

/** Coordinators and leaders reach their own department, central administration the whole municipality. */
const BY_DEPARTMENT = { C: "department", L: "department", A: "yes" } as const;

/**
 * The permission matrix of requirements §3 as data: a municipality's default. Where the table says only `2` for roles
 * that are bound to a department, they stay bound: unblocking and opening for others are given narrowly.
 */
export const MATRIX: Readonly<Record<Operation, Row>> = {
  openWithOwnCredential: { E: "yes", I: "job", B: "job" },
  remoteOpen: {
    C: "department+second+reviewed",
    L: "department+second+reviewed",
    A: "yes+second+reviewed",
    H: "yes+second+reviewed",
  },
  grantAcuteAccess: { ...BY_DEPARTMENT, H: "job+reviewed" },
  blockDevice: { E: "own", ...BY_DEPARTMENT, H: "yes", P: "own" },
  unblock: { C: "department+second", L: "department", A: "yes" },
  decide: { E: "own", ...BY_DEPARTMENT, H: "yes", G: "scope", P: "own", D: "yes" },
  lookUpCitizen: {
    ...BY_DEPARTMENT,
    V: "yes",
    H: "yes",
    I: "job",
    B: "yes+addressOnly",
    P: "own+visits",
    D: "yes",
  },
  manageEmployee: { ...BY_DEPARTMENT, G: "scope", P: "own+quota" },
  assignDevice: { ...BY_DEPARTMENT, P: "own" },
  addToBundle: BY_DEPARTMENT,
  changeBundle: { A: "yes+second", H: "yes+second" },
  handleSmartkey: { ...BY_DEPARTMENT, P: "own" },
  manageProvider: { A: "yes" },
  grantLock: { V: "yes" },
  orderWork: { ...BY_DEPARTMENT, V: "yes" },
  commissionUnit: { I: "job" },
  readBatteryList: { ...BY_DEPARTMENT, H: "yes", I: "job", B: "yes", G: "scope" },
  recordBattery: { I: "job", B: "job" },
  readLockStatus: {
    E: "own+visits",
    ...BY_DEPARTMENT,
    H: "yes+namesInJob",
    I: "job",
    B: "yes+batteryOnly",
    G: "scope",
    P: "own+visits",
  },
  reportFault: { E: "yes", C: "yes", L: "yes", A: "yes", H: "yes", G: "scope", P: "yes" },
  handleFault: { ...BY_DEPARTMENT, H: "yes", I: "job", B: "job", G: "scope" },
  readDoorEvents: { E: "own", ...BY_DEPARTMENT, H: "job", G: "scope+pseudonym", P: "own", D: "yes" },
  searchAudit: { ...BY_DEPARTMENT, D: "yes" },
  exportAudit: { A: "yes+second", D: "yes" },
  subscribe: { ...BY_DEPARTMENT, H: "yes", I: "job", B: "yes+batteryOnly", G: "scope", P: "own", D: "yes" },
  pushVisits: { G: "scope" },
  pushStaff: { G: "scope" },
  administer: { A: "yes+second" },
  changeAudit: {},
};

/** The scope that a token needs where the matrix says `scope`. No scope opens, blocks, grants or administers. */
export const SCOPE_OF: Readonly<Partial<Record<Operation, Scope>>> = {
  decide: "locks:read",
  manageEmployee: "people:sync",
  readBatteryList: "battery:read",
  readLockStatus: "locks:read",
  reportFault: "faults:write",
  handleFault: "faults:write",
  readDoorEvents: "events:read",
  subscribe: "events:read",
  pushVisits: "visits:write",
  pushStaff: "people:sync",
};
