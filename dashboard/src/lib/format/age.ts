import type { Language } from "./language.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS = {
  da: { seconds: "s", minutes: "min", hours: "t", days: "d" },
  en: { seconds: "s", minutes: "min", hours: "h", days: "d" },
} as const;

/** How old something is, in its largest fitting unit: `8 s`, `2 min`, `3 t`, `12 d`. Negative ages read as zero. */
export function ageText(ageMs: number, language: Language): string {
  const age = Math.max(0, ageMs);
  const units = UNITS[language];
  if (age < MINUTE_MS) return `${Math.floor(age / SECOND_MS)} ${units.seconds}`;
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} ${units.minutes}`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} ${units.hours}`;
  return `${Math.floor(age / DAY_MS)} ${units.days}`;
}

/** A duration in seconds with one decimal: `0,2 s`, in English `0.2 s`. */
export function secondsText(durationMs: number, language: Language): string {
  const text = (Math.max(0, durationMs) / SECOND_MS).toFixed(1);
  return `${language === "da" ? text.replace(".", ",") : text} s`;
}
