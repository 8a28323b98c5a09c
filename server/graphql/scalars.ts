import { cursorText, parseCursor, type Revision } from "@portner/schema/journal";
import type { Instant } from "../kernel/clock.ts";
import { InvalidInputError } from "./errors.ts";

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Writes an instant as ISO 8601 in UTC. */
export function dateTimeText(value: Date | Instant): string {
  return new Date(value).toISOString();
}

/** Reads ISO 8601; an offset is required, because a wall time without one names two instants each October. */
export function parseDateTime(value: unknown): Date {
  const date = typeof value === "string" && DATE_TIME.test(value) ? new Date(value) : undefined;
  if (date === undefined || Number.isNaN(date.getTime())) {
    throw new InvalidInputError("a DateTime is ISO 8601 with an offset, such as `2026-10-25T02:30:00+01:00`");
  }
  return date;
}

/** Writes a place in the journal as the opaque cursor that clients see. */
export const writeCursor = (value: Revision): string => cursorText(value);

/** Reads a cursor that an earlier answer gave. */
export function readCursor(value: unknown): Revision {
  const revision = typeof value === "string" ? parseCursor(value) : undefined;
  if (revision === undefined) throw new InvalidInputError("a Cursor is one that an earlier answer gave");
  return revision;
}

const GLOBAL_ID = /^([A-Z][A-Za-z]{0,49}):([A-Za-z0-9-]{1,64})$/;

/** `base64url(Type:publicId)`. */
export function globalIdText(type: string, publicId: string): string {
  return Buffer.from(`${type}:${publicId}`, "utf8").toString("base64url");
}

/** Reads a global id; everything that this hub can't have made reads as bad input. */
export function parseGlobalId(text: string): { typename: string; id: string } {
  const match = GLOBAL_ID.exec(Buffer.from(text, "base64url").toString("utf8"));
  const [, typename, id] = match ?? [];
  if (typename === undefined || id === undefined || globalIdText(typename, id) !== text) {
    throw new InvalidInputError("an ID is one that an earlier answer gave", ["id"]);
  }
  return { typename, id };
}
