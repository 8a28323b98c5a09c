import { RELOCK_AFTER_CLOSE_MS, RELOCK_UNUSED_MS } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import type { OpeningOperation } from "../opening/documents.ts";
import { agedText, OLD_MS, pressWords, RELOCKS_AFTER_MS, type Read } from "./press-words.ts";

/** 10.42.07 in Denmark. */
const PRESSED_AT_MS = Date.parse("2026-11-22T09:42:07Z");
const LIFE = { pressedAtMs: PRESSED_AT_MS, notAfterMs: PRESSED_AT_MS + 10_000 };
const after = (durationMs: number): Read => ({ language: "da", nowMs: PRESSED_AT_MS + durationMs });

test("a press without an answer says after a few seconds until when it counts, and then that it did", () => {
  const asking = { kind: "asking" as const, ...LIFE };
  expect(pressWords(asking, after(1_000))?.title).toBe("Spørger …");
  expect(pressWords(asking, after(4_000))).toMatchObject({ title: "Intet svar" });
  expect(pressWords(asking, after(4_000))?.text).toContain("gælder til kl. 10.42.17");
  expect(pressWords({ kind: "unanswered", ...LIFE }, after(11_000))?.text).toContain("gjaldt til kl. 10.42.17");
});

test("a press that came too late says that nothing was opened", () => {
  const words = pressWords({ kind: "refused", code: "TOO_LATE" }, after(0));
  expect(words).toMatchObject({ title: "Ikke låst op" });
  expect(words?.text).toContain("Intet blev åbnet");
});

test("a door whose outcome nobody knows is not under way, though its hub died before it said so", () => {
  const command = { id: "C", state: "UNKNOWN" as const, detail: null, decidedAt: "", expiresAt: "", lock: { id: "L" } };
  const operation: OpeningOperation = {
    ...{ id: "O", outcome: "running", createdAt: "", skippedDoors: 0, stoppedAt: null, locks: [{ id: "L" }] },
    commands: [command],
  };
  expect(pressWords({ kind: "followed", operation, heard: true }, after(0))?.title).toBe("Uvist");
});

test("an opened door may be locked again as soon as a lock may do that, and is history when a lock has", () => {
  expect([RELOCKS_AFTER_MS, OLD_MS]).toEqual([RELOCK_AFTER_CLOSE_MS, RELOCK_UNUSED_MS]);
  expect(agedText({ tone: "ok" }, 9_000, "da")).toBeUndefined();
  expect(agedText({ tone: "ok" }, 12_000, "da")).toContain("12 s siden");
  expect(agedText({ tone: "ok" }, 12_000, "da")).toContain("kan have låst sig selv igen");
  expect(agedText({ tone: "urgent" }, 12_000, "da")).toBeUndefined();
  expect(agedText({ tone: "urgent" }, 61_000, "da")).toContain("Sådan så det ud dengang");
});
