import { m } from "#messages";
import type { Language } from "../format/language.ts";
import { ageText } from "../format/age.ts";
import type { ResultOf } from "../graphql/index.ts";
import { listPath } from "../locks/filter.ts";
import type { Tone } from "../ui/index.ts";
import type { ATTENTION } from "./documents.ts";

/** What needs somebody for one cause. */
export type AttentionGroup = ResultOf<typeof ATTENTION>["attention"][number];
/** One lock of it. */
export type AttentionItem = AttentionGroup["items"][number];

/** Locks shown of each cause; the rest stands in the list of locks. */
export const ITEMS_SHOWN = 4;
/** How often the page asks anew while it is live: a quarter of an hour of silence is not told by any event. */
export const ATTENTION_AGAIN_MS = 10_000;

/** How a cause looks. */
export interface CauseWords {
  readonly tone: Tone;
  readonly glyph: string;
  readonly title: string;
  /** All locks of the cause, where a list shows them. */
  readonly listHref: string | undefined;
  /** What that list shows, where it shows more than the cause: then no number is promised. */
  readonly listText?: string;
}

/** A cause in words. */
export function causeWords(cause: AttentionGroup["cause"]): CauseWords {
  const all = { text: "", freshness: undefined, problem: undefined };
  switch (cause) {
    case "DENIED_AGAIN":
      return { tone: "urgent", glyph: "✕", title: m.console_denied_again(), listHref: undefined };
    case "JAMMED":
      return {
        tone: "urgent",
        glyph: "▲",
        title: m.console_jammed(),
        listHref: listPath({ ...all, problem: "JAMMED" }),
      };
    case "TAMPERED":
      return {
        ...{ tone: "urgent", glyph: "▲", title: m.console_tampered() },
        listHref: listPath({ ...all, problem: "TAMPERED" }),
      };
    case "QUARANTINED":
      return { tone: "urgent", glyph: "⊘", title: m.console_quarantined_locks(), listHref: "/quarantine" };
    case "SILENT_LONG":
      return {
        ...{ tone: "soon", glyph: "▨", title: m.console_silent_long() },
        ...{ listHref: listPath({ ...all, freshness: "SILENT" }), listText: m.console_see_all_silent() },
      };
    case "LOW_BATTERY":
      return {
        ...{ tone: "soon", glyph: "▲", title: m.console_low_battery() },
        listHref: listPath({ ...all, problem: "LOW_BATTERY" }),
      };
  }
}

/** What is to be known of one lock, with its age: never a state without one where the hub knows it. */
export function itemText(
  { cause }: Pick<AttentionGroup, "cause">,
  { since, times, employeeId }: AttentionItem,
  { nowMs, language }: { readonly nowMs: number; readonly language: Language },
): string {
  const age = since === null ? undefined : ageText(nowMs - Date.parse(since), language);
  if (cause === "DENIED_AGAIN") {
    const count = m.console_denied_times({ count: times, age: age ?? "" });
    return employeeId === null ? count : `${employeeId} · ${count}`;
  }
  // A battery's reading says how it is now, and not since when.
  if (cause === "LOW_BATTERY") return "";
  return age === undefined ? m.console_since_unknown() : m.console_since({ age });
}

/** That nothing is the matter, as far as the hub tells this viewer: of a cause it leaves out nothing is said. */
export function noneText(groups: readonly Pick<AttentionGroup, "cause">[]): string {
  const told = new Set(groups.map(({ cause }) => cause));
  if (!told.has("JAMMED")) return m.console_attention_none_text_denied();
  return told.has("LOW_BATTERY") ? m.console_attention_none_text() : m.console_attention_none_text_no_battery();
}

/** How many locks there are in all. */
export function countOf(groups: readonly AttentionGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
