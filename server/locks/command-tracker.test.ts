import { expect, test } from "vitest";
import type { JournalEntry } from "../journal/index.ts";
import { derivedId } from "../kernel/ids.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { CommandTracker, OPEN_MAX, SETTLED_MAX } from "./command-tracker.ts";

const written = { sequence: 1, epoch: 1, occurredAt: 1, recordedAt: 1, hub: "hub", rulesVersion: 1, lock: 1, unit: 1 };
const idOf = (n: number): string => derivedId("command", n);

function authorised(n: number): JournalEntry {
  const data = {
    operation: derivedId("o", n),
    position: 0,
    op: "open",
    generation: 1,
    expiresAt: 2,
    basis: null,
  } as const;
  return { ...written, kind: "command.authorised", entryId: derivedId("a", n), command: idOf(n), data };
}

function expired(n: number): JournalEntry {
  return { ...written, kind: "command.expired", entryId: derivedId("e", n), command: idOf(n), data: {} };
}

function tracked(entries: readonly JournalEntry[]): CommandTracker {
  const tracker = new CommandTracker(new ManualClock());
  tracker.take({ entries, position: { epoch: 1, sequence: 1 }, caughtUp: true, readStartedAt: 0 });
  return tracker;
}

test("so many settled commands are remembered for late evidence, and the oldest give way", () => {
  const count = SETTLED_MAX + 2;
  const tracker = tracked(Array.from({ length: count }, (_, n) => [authorised(n), expired(n)]).flat());
  const found = Array.from({ length: count }, (_, n) => tracker.find(idOf(n)) !== undefined);
  expect(found.indexOf(true)).toBe(2);
  expect(found.slice(2)).toEqual(Array.from({ length: SETTLED_MAX }, () => true));
});

test("so many commands are under way at once, and the oldest give way, whatever becomes of them", () => {
  const tracker = tracked(Array.from({ length: OPEN_MAX + 1 }, (_, n) => authorised(n)));
  expect(tracker.find(idOf(0))).toBeUndefined();
  expect(tracker.find(idOf(1))?.standing.state).toBe("authorised");
  expect(tracker.find(idOf(OPEN_MAX))?.standing.state).toBe("authorised");
});
