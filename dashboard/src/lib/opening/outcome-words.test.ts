import { REFUSAL_REASONS } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { refusalText, stageWords } from "./outcome-words.ts";
import { whyText } from "../feed/why-words.ts";

const CAUSES = ["LOCK_OFFLINE", "HUB_OFFLINE", "TOO_LATE", "DENIED_ANEW"];

test.each([...REFUSAL_REASONS, ...CAUSES])("%s is told in words of its own that end a sentence", (code) => {
  const text = whyText(code);
  expect(text).not.toContain(code);
  expect(text).not.toMatch(/[A-Z]{3}|_|\.$/);
});

test("no two codes read alike, and a code that is not known is named", () => {
  const texts = [...REFUSAL_REASONS, ...CAUSES].map(whyText);
  expect(new Set(texts).size).toBe(texts.length);
  expect(whyText("NEWER")).toContain("NEWER");
});

test("a door that failed says so and why, as one sentence without its end", () => {
  const { text } = stageWords({ stage: "abandoned", detail: "LOCK_OFFLINE" });
  expect(text).toBe("blev aldrig sendt: låsen svarer ikke");
  expect(stageWords({ stage: "rejected", detail: null }).text).toBe("låsen sagde nej");
});

test("a press that came too late says that nothing was opened", () => {
  expect(refusalText("TOO_LATE")).toContain("Intet blev åbnet");
});
