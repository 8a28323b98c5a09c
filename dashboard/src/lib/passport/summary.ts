import { m } from "#messages";
import { ageText } from "../format/age.ts";
import type { Language } from "../format/language.ts";
import { percentText } from "../format/number.ts";
import { fullDayText, momentText, timeText } from "../format/time.ts";
import { chargeOf } from "../locks/battery.ts";
import { boltWords, doorKindText, doorWords } from "../path/fact-words.ts";
import { viaText, whoText, wordsOf } from "../feed/event-words.ts";
import { newestEvents, type LockVerdict, type PassportLock } from "./passport.svelte.ts";
import { unseenLockText } from "./unseen-words.ts";
import { verdictsOf } from "./verdicts.ts";
import type { Way } from "../path/way.ts";

/** What a summary is made of. */
export interface SummaryInput {
  readonly way: Way;
  readonly locks: ReadonlyMap<string, PassportLock>;
  /** By the hub's clock. */
  readonly nowMs: number;
  /** Since when the page is not live; absent while it is. */
  readonly staleSinceMs: number | undefined;
  readonly language: Language;
}

/** Events in a summary: enough to tell what happened just now. */
const EVENTS_TOLD = 3;

/** What to do next, and by whom: after a refusal by whoever stands at the door. */
function adviceText({ code, advice }: LockVerdict, language: Language): string {
  if (advice === null) return "";
  const step = advice[language];
  return ` ${code === "ATTEMPT_DENIED" ? m.passport_tell_step({ step }) : m.passport_next({ step })}`;
}

/** What the hotline tells or sends the caller: plain text, every value with its age, and no citizen's name. */
export function summaryText({ way, locks, nowMs, staleSinceMs, language }: SummaryInput): string {
  const age = (instant: string | null): string =>
    instant === null ? m.passport_age_unknown() : ageText(nowMs - Date.parse(instant), language);
  const verdicts = verdictsOf(way, locks).map(({ door, verdict }) => {
    return `${doorKindText(door.kind)}: ${verdict[language]}${adviceText(verdict, language)}`;
  });
  const doors = way.doors.map(({ kind, lock }) => {
    const known = locks.get(lock?.id ?? "");
    if (known === undefined) return `- ${doorKindText(kind)}: ${unseenLockText({ lock })}`;
    const { bolt, door, battery, serial } = known;
    const facts = [
      `${m.passport_bolt()} ${boltWords(bolt.value).value} (${age(bolt.at)})`,
      `${m.passport_door()} ${doorWords(door.value).value} (${age(door.at)})`,
      ...(battery?.idleMillivolts === undefined || battery.idleMillivolts === null
        ? []
        : [`${m.passport_battery()} ${percentText(chargeOf(battery.idleMillivolts), language)} (${age(battery.at)})`]),
    ];
    return `- ${doorKindText(kind)} (${serial}): ${facts.join(", ")}`;
  });
  const events = newestEvents(locks.values())
    .slice(0, EVENTS_TOLD)
    .map((event) => {
      const { word, detail } = wordsOf(event, language);
      const about = [word, whoText(event), viaText(event), detail].filter((part) => part !== "").join(" · ");
      return `- ${momentText(event.occurredAt, nowMs, language)} ${about}`;
    });
  const of =
    staleSinceMs === undefined
      ? m.passport_summary_of({ date: fullDayText(nowMs, language), time: timeText(nowMs, language) })
      : m.passport_summary_stale({ time: momentText(staleSinceMs, nowMs, language) });
  const parts = [[way.title, of], verdicts, doors, events.length === 0 ? [] : [m.passport_events(), ...events]];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}
