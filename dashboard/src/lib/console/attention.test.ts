import { expect, test } from "vitest";
import { m } from "#messages";
import { causeWords, noneText } from "./attention.ts";

test("a list that shows more than its cause is offered without the cause's number", () => {
  expect(causeWords("SILENT_LONG")).toMatchObject({
    ...{ listHref: "/locks?freshness=SILENT", listText: m.console_see_all_silent() },
  });
  expect(causeWords("JAMMED")).toMatchObject({ listHref: "/locks?problem=JAMMED" });
  expect(causeWords("JAMMED").listText).toBeUndefined();
});

test("that no battery is low is said to nobody from whom batteries are withheld", () => {
  const all = (["DENIED_AGAIN", "JAMMED", "LOW_BATTERY"] as const).map((cause) => ({ cause }));
  expect(noneText(all)).toBe(m.console_attention_none_text());
  expect(noneText(all.slice(0, 2))).toBe(m.console_attention_none_text_no_battery());
  expect(noneText(all.slice(0, 1))).toBe(m.console_attention_none_text_denied());
});
