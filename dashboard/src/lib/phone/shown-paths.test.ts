import { expect, test } from "vitest";
import type { PhonePath } from "./documents.ts";
import { OLD_MS } from "./press-words.ts";
import { shownPaths, type Pressed } from "./shown-paths.ts";

const NOW = Date.parse("2026-11-23T05:30:00Z");

function path(id: string): PhonePath {
  return { id, home: { line: id, postalCode: "4999", city: "Fjordby" }, doors: [] };
}

function pressed(id: string, press: Partial<Pressed["press"]>): Pressed {
  return { path: path(id), press: { isUnderWay: false, state: { kind: "idle" }, endedAtMs: undefined, ...press } };
}

const ids = (paths: readonly PhonePath[]): readonly string[] => paths.map(({ id }) => id);

test("a door that may not be opened any more stays while its press says something", () => {
  const all = [
    pressed("under way", { isUnderWay: true }),
    pressed("unknown", { state: { kind: "unknown" }, endedAtMs: NOW - 10 * OLD_MS }),
    pressed("denied just now", { state: { kind: "refused", code: "X" }, endedAtMs: NOW - 1_000 }),
    pressed("denied long ago", { state: { kind: "refused", code: "X" }, endedAtMs: NOW - OLD_MS }),
    pressed("never", {}),
    pressed("mine", { isUnderWay: true }),
  ];
  expect(ids(shownPaths([path("mine"), path("other")], all, NOW))).toEqual([
    ...["under way", "unknown", "denied just now"],
    ...["mine", "other"],
  ]);
});
