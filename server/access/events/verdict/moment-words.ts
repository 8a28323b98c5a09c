/** Danish municipalities live in one zone; every screen of theirs shows it, wherever its browser stands. */
const ZONE = "Europe/Copenhagen";

const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  day: "2-digit",
  month: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "longOffset",
});
const HOUR_MS = 3_600_000;

/** The same words in the languages of the screens. */
export interface Words {
  readonly da: string;
  readonly en: string;
}

interface WallClock {
  readonly date: readonly [day: string, month: string];
  readonly time: readonly [hour: string, minute: string, second: string];
  readonly offset: string;
}

function wallClock(instant: number): WallClock {
  const found = new Map(PARTS.formatToParts(instant).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => found.get(type) ?? "";
  return {
    date: [part("day"), part("month")],
    time: [part("hour"), part("minute"), part("second")],
    offset: part("timeZoneName").replace("GMT", "") || "+00:00",
  };
}

/** A moment as people say it: the time, with its day unless it is today, and with its offset where the hour comes twice. */
export function momentWords(instant: number, now: number): Words {
  const at = wallClock(instant);
  const today = wallClock(now).date.join() === at.date.join() && Math.abs(now - instant) < 48 * HOUR_MS;
  const ambiguous = wallClock(instant - HOUR_MS).offset > at.offset || at.offset > wallClock(instant + HOUR_MS).offset;
  const offset = ambiguous ? ` (${at.offset})` : "";
  return {
    da: `${today ? "" : `${at.date.join(".")} `}${at.time.join(".")}${offset}`,
    en: `${today ? "" : `${at.date.join("/")} `}${at.time.join(":")}${offset}`,
  };
}
