import { m } from "#messages";
import { ageText } from "../format/age.ts";
import type { Language } from "../format/language.ts";
import { wholeText } from "../format/number.ts";
import type { HoleRow } from "./feed-row.ts";

/** A time without a line in words: how long, and what was fetched behind it. */
export function holeText({ lostAtMs, backAtMs, fetched, isFetching, isWhole }: HoleRow, language: Language): string {
  const duration = m.live_hole({ duration: ageText(backAtMs - lostAtMs, language) });
  const count = wholeText(fetched, language);
  if (isFetching) return `${duration} — ${m.live_hole_fetching({ count })}`;
  if (!isWhole) return `${duration} — ${m.live_hole_cut({ n: fetched, count })}`;
  return `${duration} — ${fetched === 0 ? m.live_hole_none() : m.live_hole_fetched({ n: fetched, count })}`;
}
