export * from "./kind.ts";
export * from "./kinds.ts";
export { SESSIONS_PER_ENTRY_MAX } from "./kinds/session-ended.ts";
export { IMPORT_PERSONS_NAMED_MAX } from "./kinds/world-imported.ts";
export * from "../access/revision.ts";
