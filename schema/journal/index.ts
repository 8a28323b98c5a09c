export * from "./kind.ts";
export * from "./kinds.ts";
export { SESSIONS_PER_ENTRY_MAX } from "./kinds/session-ended.ts";
export * from "../access/revision.ts";
