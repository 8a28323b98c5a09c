import { z } from "zod";
import { EXTERNAL_ID_LENGTH_MAX, NAME_LENGTH_MAX } from "./limits.ts";

// Two spellings of å (one character or two) would be two people; the file must use the composed one.
const composed = (text: string): boolean => text.normalize("NFC") === text;

/**
 * An id of the system the data came from (care system, DAR, housing register): 1–64 letters, digits, `.` `_` `:` `/` `-`.
 * Unique within its list. Other lists refer to an entry by it; the hub makes its own ids.
 */
export const ExternalId = z
  .string()
  .max(EXTERNAL_ID_LENGTH_MAX)
  .regex(/^[\p{L}\p{N}._:/-]+$/u, "must be letters, digits and . _ : / - only")
  .refine(composed, "must use composed characters (Unicode NFC)")
  .describe("Id in the system the data came from, 1–64 letters, digits and . _ : / -");

/** A name or other short text people read: 1–120 characters, no control characters, no white space at its ends. */
export const Name = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(/^\S(?:[^\p{Cc}\p{Cs}]*\S)?$/u, "must have no control characters and no white space at its ends")
  .refine(composed, "must use composed characters (Unicode NFC)")
  .describe("Short text, 1–120 characters");

/** A telephone number in international form (E.164), for example `+4512345678`. */
export const PhoneNumber = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, "must be a number in international form without blanks, for example +4512345678")
  .describe("Telephone number (E.164)");

/** An instant with its offset, for example `2026-10-25T02:30:00+02:00`: without one, that hour would be two. */
export const InstantText = z.iso
  .datetime({ offset: true, error: "must be an instant with its offset, for example 2026-10-25T02:30:00+02:00" })
  .describe("ISO 8601 instant with offset or Z");

/** A calendar day in the tenant's time zone, for example `2026-11-22`. */
export const DayText = z.iso.date("must be a day, for example 2026-11-22").describe("ISO 8601 calendar day");

function hasCheckDigit(ean: string): boolean {
  const sum = [...ean].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

/** The EAN (GLN) number that costs are booked on (R32): 13 digits, the last a check digit. */
export const Ean = z
  .string()
  .regex(/^\d{13}$/, "must be 13 digits")
  .refine(hasCheckDigit, "has a wrong check digit")
  .describe("EAN location number, 13 digits");
