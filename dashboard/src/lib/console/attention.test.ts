import { expect, test } from "vitest";
import { m } from "#messages";
import { causeWords } from "./attention.ts";

test("a list that shows more than its cause is offered without the cause's number", () => {
  expect(causeWords("SILENT_LONG")).toMatchObject({
    ...{ listHref: "/locks?freshness=SILENT", listText: m.console_see_all_silent() },
  });
  expect(causeWords("JAMMED")).toMatchObject({ listHref: "/locks?problem=JAMMED" });
  expect(causeWords("JAMMED").listText).toBeUndefined();
});
