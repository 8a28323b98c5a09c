import type { Language } from "./language.ts";

const ZONE = "Europe/Copenhagen";
const HOUR_MS = 3_600_000;

const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "longOffset",
});

const WEEKDAYS = {
  da: ["søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
} as const;

interface WallClock {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
  /** Such as `+01:00`. */
  readonly offset: string;
}

/** What a clock on a wall in Denmark shows. The parts are put together here, so that every browser writes them alike. */
function wallClock(instantMs: number): WallClock {
  const found = new Map(PARTS.formatToParts(instantMs).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => found.get(type) ?? "";
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
    offset: part("timeZoneName").replace("GMT", "") || "+00:00",
  };
}

/** In the hour that exists twice in October the time alone names two instants; then the offset from UTC is said. */
function offsetWhereAmbiguous(instantMs: number, { offset }: WallClock): string {
  const before = wallClock(instantMs - HOUR_MS).offset;
  const after = wallClock(instantMs + HOUR_MS).offset;
  return before > offset || offset > after ? ` (${offset})` : "";
}

/** An instant as milliseconds since 1970, or as the API writes it. */
export type Instant = number | string;

function millisecondsOf(instant: Instant): number {
  return typeof instant === "number" ? instant : Date.parse(instant);
}

function clockText(at: WallClock, language: Language, withSeconds: boolean): string {
  const separator = language === "da" ? "." : ":";
  return [at.hour, at.minute, ...(withSeconds ? [at.second] : [])].join(separator);
}

/** Time of day to the second: `10.43.07`, in English `10:43:07`; `02.30.00 (+02:00)` in the ambiguous hour. */
export function timeText(instant: Instant, language: Language): string {
  const at = wallClock(millisecondsOf(instant));
  return clockText(at, language, true) + offsetWhereAmbiguous(millisecondsOf(instant), at);
}

/** Time of day to the minute. */
export function minuteText(instant: Instant, language: Language): string {
  const at = wallClock(millisecondsOf(instant));
  return clockText(at, language, false) + offsetWhereAmbiguous(millisecondsOf(instant), at);
}

/** Day and month: `22.11`, in English `22/11`. */
export function dayText(instant: Instant, language: Language): string {
  const { day, month } = wallClock(millisecondsOf(instant));
  return language === "da" ? `${day}.${month}` : `${day}/${month}`;
}

/** Weekday and full date: `søndag 22.11.2026`. */
export function fullDayText(instant: Instant, language: Language): string {
  const { year, month, day } = wallClock(millisecondsOf(instant));
  const weekday = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay();
  const date = language === "da" ? `${day}.${month}.${year}` : `${day}/${month}/${year}`;
  return `${WEEKDAYS[language][weekday] ?? ""} ${date}`;
}

/** The time today, and day and time otherwise: short in a list, never ambiguous. */
export function momentText(instant: Instant, nowMs: number, language: Language): string {
  const day = dayText(instant, language);
  const time = timeText(instant, language);
  return day === dayText(nowMs, language) && Math.abs(nowMs - millisecondsOf(instant)) < 48 * HOUR_MS
    ? time
    : `${day} ${time}`;
}
