/** Every operation of the permission matrix (requirements §3), one name a row; split rows have one name a half. */
export const OPERATIONS = [
  "openWithOwnCredential",
  "remoteOpen",
  "grantAcuteAccess",
  "blockDevice",
  "unblock",
  "decide",
  "lookUpCitizen",
  "manageEmployee",
  "assignDevice",
  "addToBundle",
  "changeBundle",
  "handleSmartkey",
  "manageProvider",
  "grantLock",
  "orderWork",
  "commissionUnit",
  "readBatteryList",
  "recordBattery",
  "readLockStatus",
  "reportFault",
  "handleFault",
  "readDoorEvents",
  "searchAudit",
  "exportAudit",
  "subscribe",
  "pushVisits",
  "pushStaff",
  "administer",
  "changeAudit",
] as const;

/** See {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

const NAMES: ReadonlySet<string> = new Set(OPERATIONS);

/** Whether a name is an operation of the matrix. */
export function isOperation(name: string): name is Operation {
  return NAMES.has(name);
}
