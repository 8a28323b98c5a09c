/** Kinds of faults of a world file; a closed list. */
export const WORLD_FAULT_CODES = [
  "NOT_JSON",
  "TOO_LARGE",
  "DOUBLED_NAME",
  "UNKNOWN_FIELD",
  "BAD_VALUE",
  "DOUBLED",
  "UNKNOWN_REFERENCE",
  "BAD_PATH",
  "OVERLAP",
] as const;

/** See {@link WORLD_FAULT_CODES}. */
export type WorldFaultCode = (typeof WORLD_FAULT_CODES)[number];

/** One fault of a world file. `line` counts from 1; `path` is for example `doors[12].address`. */
export interface WorldFault {
  readonly line: number;
  readonly path: string;
  readonly code: WorldFaultCode;
  /** Lower case, input quoted in backticks; names of people and claims are never quoted. */
  readonly message: string;
}
