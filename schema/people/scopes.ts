import { z } from "zod";

/** What an integrator's token may do. No scope opens, blocks, grants or administers. */
export const SCOPES = [
  "locks:read",
  "events:read",
  "battery:read",
  "visits:write",
  "people:sync",
  "faults:write",
] as const;
/** See {@link SCOPES}. */
export const Scope = z.enum(SCOPES);
/** See {@link SCOPES}. */
export type Scope = z.infer<typeof Scope>;
