export type { Ending, ImportFailure, ImportKind, ImportReport, StandingFault } from "./import-report.ts";
export { importWorld, type ImportDeps, type ImportOptions } from "./world-import.ts";
