import { pino } from "pino";

/** Structured log of a process. Carries ids and codes, never names, addresses, secrets or message bodies (S18). */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** Levels that the setting `LOG_LEVEL` takes. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A log that writes JSON lines to standard error, so that standard output stays for what a command prints, or to the end
 * of a file that only its owner can read.
 */
export function createLog(level: LogLevel, file?: string): Log {
  const where = file === undefined ? { fd: 2 } : { dest: file, mode: 0o600, append: true };
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: withoutValues } },
    pino.destination({ ...where, sync: false }),
  );
}

/** drizzle ends the message of a failed query with the values it was about. */
function withoutValues(error: unknown): unknown {
  return typeof error === "string" ? error.split("\nparams:", 1)[0] : error;
}

/** A log that keeps nothing; for tests that do not look at it. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
