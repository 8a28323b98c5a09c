export * from "./fault.ts";
export * from "./fields.ts";
export * from "./limits.ts";
export { lineAt, scanLines } from "./lines.ts";
export * from "./parse.ts";
export * from "./people.ts";
export * from "./places.ts";
export * from "./tenant.ts";
export * from "./world.ts";
