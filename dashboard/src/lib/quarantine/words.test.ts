import { expect, test } from "vitest";
import { m } from "#messages";
import { noLocksText, noMessagesText, refusalText } from "./words.ts";

test("a lost answer is told as not known, a refusal as a refusal", () => {
  for (const code of ["UNREACHABLE", "TIMEOUT"]) expect(refusalText(code)).toBe(m.quarantine_refused_unknown());
  expect(refusalText("JOURNAL_UNAVAILABLE")).toBe(m.quarantine_refused());
  expect(refusalText("RATE_LIMITED")).toBe(m.ui_rate_limited());
  expect(refusalText("NOT_QUARANTINED")).toBe(m.quarantine_refused_not_quarantined());
});

test("that everything could be read is said to nobody who sees a part of it", () => {
  expect([noLocksText("town"), noMessagesText("town")]).toEqual([m.quarantine_locks_none(), m.quarantine_none()]);
  expect([noLocksText("own"), noMessagesText("own")]).toEqual([m.quarantine_locks_none_own(), m.quarantine_none_own()]);
  expect([noLocksText("jobs"), noMessagesText("jobs")]).toEqual([
    m.quarantine_locks_none_jobs(),
    m.quarantine_none_jobs(),
  ]);
});
