import type { Tables } from "../kernel/database.ts";

/** Ends every session of these persons and credentials in the caller's transaction; answers the sessions' keys. */
export type EndSessions = (
  tables: Tables,
  whose: { readonly persons: readonly number[]; readonly credentials: readonly number[] },
) => Promise<readonly number[]>;
