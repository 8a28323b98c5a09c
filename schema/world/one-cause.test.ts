import { expect, test } from "vitest";
import { faultsOf, pretty } from "./hamlet.ts";
import type { World } from "./world.ts";

test.each<[string, (world: World) => void, string[]]>([
  [
    "a flat's door at an address that is not there",
    (w) => Object.assign(w.doors[1] ?? {}, { address: "S-nowhere" }),
    ["doors[1].address UNKNOWN_REFERENCE"],
  ],
  [
    "a citizen at an address that is not there",
    (w) => Object.assign(w.citizens[0] ?? {}, { address: "S-nowhere" }),
    ["citizens[0].address UNKNOWN_REFERENCE"],
  ],
  [
    "two citizens of one id",
    (w) => w.citizens[0] && w.citizens.push({ ...w.citizens[0], address: "S-1" }),
    ["citizens[1].externalId DOUBLED"],
  ],
  [
    "two doors of one id",
    (w) => w.doors.push({ externalId: "DR-2", kind: "gate", address: "S-1" }),
    ["doors[2].externalId DOUBLED"],
  ],
  ["a bundle once more", (w) => w.bundles.push({ externalId: "B-1", name: "øst" }), ["bundles[1].externalId DOUBLED"]],
  ["a lock once more", (w) => w.locks[0] && w.locks.push(w.locks[0]), ["locks[1].serial DOUBLED"]],
  [
    "a door twice on a path",
    (w) => w.paths[0]?.doors.push("DR-2"),
    ["paths[0].doors[1] BAD_PATH", "paths[0].doors[2] BAD_PATH"],
  ],
  ["a list that is none", (w) => Object.assign(w, { doors: {} }), ["doors BAD_VALUE"]],
  ["a list that is not there", (w) => Object.assign(w, { bundles: undefined }), ["bundles BAD_VALUE"]],
  [
    "an entry without its id",
    (w) => Object.assign(w.doors[0] ?? {}, { externalId: undefined }),
    ["doors[0].externalId BAD_VALUE"],
  ],
  [
    "an id that is a number",
    (w) =>
      Object.assign(w, {
        bundles: [{ externalId: 7, name: "øst" }],
        memberships: [],
        paths: [{ ...w.paths[0], bundles: ["7"] }],
      }),
    ["bundles[0].externalId BAD_VALUE"],
  ],
])("%s is told once", (_name, change, expected) => {
  expect(faultsOf(pretty(change)).map((fault) => fault.replace(/^\d+ /, ""))).toEqual(expected);
});

test.each([
  ['"kind": "flat"', '"kind": "flat", "kind": "barn"', "doors[1].kind"],
  [
    '"address": "S-1-1tv"\n    }\n  ],\n  "paths"',
    '"address": "S-1-1tv", "address": "S-1"}], "paths"',
    "doors[1].address",
  ],
  ['"externalId": "B-1"', '"externalId": "B-1", "externalId": "B-2"', "bundles[0].externalId"],
  ['"version": 1', '"cpr": 1, "cpr": 2, "cpr": 3, "version": 1', "cpr"],
  ['"doors": [\n    {', '"doors": [{"externalId": "DR-2"}], "doors": [\n    {', "doors"],
  ['"date": "2026-03-02"', '"date": 1}, "consent": {"reference": 1', "locks[0].consent"],
])("a name that stands twice is told once, whatever hangs on it: %#", (sound, doubled, path) => {
  const text = pretty(() => undefined);
  expect(text).toContain(sound);
  expect(faultsOf(text.replace(sound, doubled))).toEqual([expect.stringMatching(/ DOUBLED_NAME$/)]);
  expect(faultsOf(text.replace(sound, doubled))[0]?.split(" ")[1]).toBe(path);
});
