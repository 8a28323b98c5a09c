import { expect, test } from "vitest";
import { m } from "#messages";
import { refusalText } from "./words.ts";

test("a lost answer is told as not known, a refusal as a refusal", () => {
  for (const code of ["UNREACHABLE", "TIMEOUT"]) expect(refusalText(code)).toBe(m.quarantine_refused_unknown());
  expect(refusalText("JOURNAL_UNAVAILABLE")).toBe(m.quarantine_refused());
  expect(refusalText("RATE_LIMITED")).toBe(m.ui_rate_limited());
  expect(refusalText("NOT_QUARANTINED")).toBe(m.quarantine_refused_not_quarantined());
});
