/** Names under which entries hold internal keys of rows, which mean nothing outside the hub and are never shown. */
const KEYS: ReadonlySet<string> = new Set([
  "block",
  "blocks",
  "bundle",
  "citizens",
  "credential",
  "id",
  "lock",
  "locks",
  "membership",
  "path",
  "person",
  "refusedLock",
  "session",
  "sessions",
  "skippedDoors",
  "stoppedAt",
  "token",
  "unit",
]);

/** An entry's data as JSON, without internal keys. What the entry is about stands in its own fields. */
export function shownData(data: unknown): string {
  return JSON.stringify(data, (name, value: unknown) => (KEYS.has(name) && isKey(value) ? undefined : value));
}

function isKey(value: unknown): boolean {
  return typeof value === "number" || (Array.isArray(value) && value.every((each) => typeof each === "number"));
}
