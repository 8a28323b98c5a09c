import { expect, test } from "vitest";
import { m } from "#messages";
import type { Way, WayDoor } from "../path/way.ts";
import { whyNotOpened } from "./actions.ts";
import { summaryText } from "./summary.ts";
import { unjudgedText } from "./unseen-words.ts";

const address = { id: "A", line: "Åbovej 12" };
const gate: WayDoor = { id: "gate", kind: "gate", address, lock: null };
const flat: WayDoor = { id: "flat", kind: "flat", address, lock: { id: "L" } };

function way(doors: readonly WayDoor[], focus: string | undefined): Way {
  return { title: "Åbovej 12", path: undefined, doors, focus, homes: [] };
}

test("a lock that the viewer isn't shown is no door without a lock: not in the verdict, not as the reason why not opened", () => {
  const [without, unseen] = [way([gate], undefined), way([gate, flat], "L")];
  expect([unjudgedText(without), unjudgedText(unseen)]).toEqual([
    m.passport_nothing_to_judge(),
    m.passport_locks_unseen(),
  ]);
  expect([whyNotOpened(without, new Map(), "da"), whyNotOpened(unseen, new Map(), "da")]).toEqual([
    m.passport_open_no_lock(),
    m.passport_open_unseen(),
  ]);
});

test("a summary tells the caller which door has no lock, and of which the state isn't shown", () => {
  const text = summaryText({
    ...{ way: way([gate, flat], "L"), locks: new Map(), nowMs: Date.parse("2026-11-22T09:42:00Z"), language: "da" },
    staleSinceMs: undefined,
  });
  expect(text.split("\n").slice(-2)).toEqual([
    "- Port: uden lås",
    "- Bolig: har en lås, men dens tilstand er ikke hentet",
  ]);
});
