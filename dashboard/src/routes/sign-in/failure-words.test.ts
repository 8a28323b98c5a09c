import { expect, test } from "vitest";
import { m } from "#messages";
import { failureText } from "./failure-words.ts";

test.each([
  ["SIGN_IN_REFUSED", m.sign_in_refused()],
  ["TOO_MANY_TRIES", m.sign_in_throttled({ minutes: 15 })],
  ["JOURNAL_UNAVAILABLE", m.sign_in_away()],
  ["TEXT_UNFIT", m.sign_in_unfit()],
  ["LIMIT_EXCEEDED", m.sign_in_unfit()],
])("%s is told as what it is", (code, text) => {
  expect(failureText({ code, minutes: 0 })).toBe(text);
});

test.each(["INTERNAL", "UNREACHABLE", "HTTP_ONLY"])("%s blames no database, and names its code", (code) => {
  expect(failureText({ code, minutes: 0 })).toBe(m.sign_in_failed({ code }));
});
