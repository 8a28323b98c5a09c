import { isUnavailable } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";

/**
 * Keeps a hub up when Postgres breaks off a connection that is just being made: the driver then asks it for its types,
 * and leaves the failure to nobody, which would end the process. The driver connects anew by itself. Every other failure
 * that nobody handles still ends the process. The returned function takes the guard away.
 */
export function surviveBrokenConnections(log: Log): () => void {
  const take = (error: unknown): void => {
    if (!isUnavailable(error)) throw error;
    log.warn({ error: String(error) }, "a connection to Postgres broke off while it was made");
  };
  process.on("unhandledRejection", take);
  return () => process.off("unhandledRejection", take);
}
