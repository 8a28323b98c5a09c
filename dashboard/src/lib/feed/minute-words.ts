import { m } from "#messages";
import type { Language } from "../format/language.ts";
import { wholeText } from "../format/number.ts";
import type { Feed } from "./feed.ts";

/** How much happens, in words: never as all of it where only the newest were fetched. */
export function perMinuteText(minute: ReturnType<Feed["inMinuteBefore"]>, language: Language): string {
  const count = wholeText(minute.count, language);
  return minute.isWhole ? m.live_per_minute({ count }) : m.live_per_minute_least({ count });
}
