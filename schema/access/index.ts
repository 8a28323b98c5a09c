export * from "./basis.ts";
export * from "./decision.ts";
export * from "./denial.ts";
export * from "./subject.ts";
