export * from "./kind.ts";
export * from "./kinds.ts";
export * from "../access/revision.ts";
