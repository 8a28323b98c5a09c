import { expect, test } from "vitest";
import { ageText, secondsText } from "./age.ts";
import { percentText, phoneText, wholeText } from "./number.ts";
import { dayText, fullDayText, minuteText, momentText, timeText } from "./time.ts";

test.each([
  [-5_000, "0 s"],
  [8_400, "8 s"],
  [59_999, "59 s"],
  [120_000, "2 min"],
  [3 * 3_600_000 + 1, "3 t"],
  [12 * 86_400_000, "12 d"],
])("an age of %i ms reads %s", (ageMs, text) => {
  expect(ageText(ageMs, "da")).toBe(text);
});

test("the hour that exists twice says which of the two it is, and no other hour does", () => {
  expect(timeText("2026-10-25T00:30:00Z", "da")).toBe("02.30.00 (+02:00)");
  expect(timeText("2026-10-25T01:30:00Z", "da")).toBe("02.30.00 (+01:00)");
  expect(timeText("2026-10-24T23:59:59Z", "da")).toBe("01.59.59");
  expect(timeText("2026-10-25T02:00:00Z", "da")).toBe("03.00.00");
  expect(timeText("2026-03-29T01:00:00Z", "da")).toBe("03.00.00");
});

test("times are Denmark's, whatever the machine's own zone is", () => {
  expect(timeText("2026-11-22T09:43:07Z", "en")).toBe("10:43:07");
  expect(minuteText("2026-07-01T22:05:00Z", "da")).toBe("00.05");
  expect(dayText("2026-07-01T22:05:00Z", "da")).toBe("02.07");
  expect(fullDayText("2026-11-22T09:43:07Z", "da")).toBe("søndag 22.11.2026");
});

test("a moment of another day is told with its day", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  expect(momentText("2026-11-22T09:43:07Z", now, "da")).toBe("10.43.07");
  expect(momentText("2026-11-21T09:43:07Z", now, "da")).toBe("21.11 10.43.07");
  expect(momentText("2025-11-22T09:43:07Z", now, "da")).toBe("22.11 10.43.07");
});

test("numbers are written as each language writes them", () => {
  expect([wholeText(1_204_331, "da"), wholeText(1_204, "en"), wholeText(12, "da")]).toEqual([
    "1.204.331",
    "1,204",
    "12",
  ]);
  expect([percentText(0.744, "da"), percentText(0.744, "en")]).toEqual(["74 %", "74%"]);
  expect([secondsText(230, "da"), secondsText(230, "en")]).toEqual(["0,2 s", "0.2 s"]);
});

test("a Danish telephone number is read in pairs, a foreign one as it stands", () => {
  expect(phoneText("+4570123456")).toBe("70\u00a012\u00a034\u00a056");
  expect(phoneText("+46701234567")).toBe("+46701234567");
});
