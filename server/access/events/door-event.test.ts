import { expect, test } from "vitest";
import { ENTRY_KINDS, type EntryData, type EntryKindName } from "@portner/schema/journal";
import { PortnerError } from "../../kernel/errors.ts";
import { isForeign, type JournalEntry } from "../../journal/index.ts";
import { entryAt } from "../../simulation/rights-world.ts";
import type { CommandOrigin } from "./command-origins.ts";
import { doorEventOf, maybeDoorEvent } from "./door-event.ts";

const COMMAND = "10000000-0000-4000-8000-000000000001";
const made = { boot: 1, sequence: 9, clockTrusted: true, clockErrorMs: 0 };
const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;
const move = { ...made, cause: "command", command: COMMAND, permit: null } as const;
const moved = { ...move, latch: "retracted", durationMs: 900, batteryLoadMillivolts: null } as const;
const opening = { operation: COMMAND, path: null, locks: [], body: "b" };
const origin: CommandOrigin = { lock: 3, via: "phone", person: 7, credential: 8, account: undefined, path: undefined };

function entryOf<Kind extends EntryKindName>(kind: Kind, data: EntryData[Kind]): JournalEntry {
  const entry = entryAt({ sequence: 5, at: 1_000 }, kind, data, { tenant: 1, lock: 3 });
  if (isForeign(entry)) throw new PortnerError("NO_SUCH_ENTRY", kind);
  return entry;
}

const CASES: readonly (readonly [JournalEntry, object])[] = [
  [entryOf("lock.moved", { ...moved, bolt: "withdrawn" }), { type: "DoorOpened" }],
  [entryOf("lock.moved", { ...moved, bolt: "thrown" }), { type: "DoorLocked" }],
  [entryOf("lock.moved", { ...moved, bolt: "between" }), { type: "DoorJammed", towards: null }],
  [entryOf("lock.moved", { ...moved, bolt: "unknown" }), { type: "DoorMoved" }],
  [entryOf("lock.jammed", { ...move, towards: "withdrawn" }), { type: "DoorJammed", towards: "withdrawn" }],
  [entryOf("lock.door", { ...made, door: "open" }), { type: "DoorLeafMoved", position: "open" }],
  [entryOf("lock.entry", { ...made, permit: "permit-1", generation: 1 }), { type: "PermitUsed" }],
  [
    entryOf("lock.refused", { ...made, from: 1, to: 2, counts: { DENIED: 3 }, commands: [] }),
    { type: "RefusedAtDoor", counts: [{ reason: "DENIED", count: 3 }] },
  ],
  [entryOf("lock.restarted", { ...made, cause: "power", facts }), { type: "LockRestarted", cause: "power" }],
  [entryOf("lock.lost", { ...made, from: 4 }), { type: "EventsLost", from: 4, to: 9 }],
  [entryOf("lock.tampered", { ...made, what: "cover" }), { type: "LockTampered", what: "cover" }],
  [
    entryOf("lock.quarantined", { lock: 3, unit: 4, cause: "FLOOD", boot: 1, sequence: 9 }),
    { type: "LockQuarantined", cause: "FLOOD" },
  ],
  [entryOf("lock.released", { lock: 3, unit: 4, reason: null }), { type: "LockReleased" }],
  [
    entryOf("opening.denied", { ...opening, refusedLock: 3, reasons: ["NO_BASIS"] }),
    { type: "DoorDenied", reasons: ["NO_BASIS"] },
  ],
  [
    entryOf("answer.refused", { reasons: ["CREDENTIAL_BLOCKED"], challenge: "c".repeat(22) }),
    { type: "DoorDenied", reasons: ["CREDENTIAL_BLOCKED"] },
  ],
  [entryOf("command.rejected", { reason: "DENIED" }), { type: "CommandSettled", state: "rejected", detail: "DENIED" }],
  [entryOf("command.expired", {}), { type: "CommandSettled", state: "expired", detail: null }],
  [entryOf("command.unknown", {}), { type: "CommandSettled", state: "unknown", detail: null }],
  [
    entryOf("command.abandoned", { operation: COMMAND, cause: "LOCK_OFFLINE" }),
    { type: "CommandSettled", state: "abandoned", detail: "LOCK_OFFLINE" },
  ],
];

test.each(CASES.map(([entry, happening]) => ({ kind: entry.kind, entry, happening })))(
  "$kind becomes $happening.type",
  ({ entry, happening }) => {
    expect(maybeDoorEvent(entry)).toBe(true);
    expect(doorEventOf(entry, origin)?.happening).toEqual(happening);
  },
);

test("every kind that may be a door event has a case above, and all others are none", () => {
  const [frame] = CASES.map(([entry]) => entry);
  const possible = Object.keys(ENTRY_KINDS).filter((kind) => maybeDoorEvent({ ...frame, kind } as JournalEntry));
  expect(new Set(possible)).toEqual(new Set(CASES.map(([entry]) => entry.kind)));
});

test("who is behind an event comes from its command, and by what means from its cause", () => {
  const via = (cause: "command" | "permit" | "relock" | "hand", known?: CommandOrigin) =>
    doorEventOf(entryOf("lock.moved", { ...moved, bolt: "withdrawn", cause }), known);
  expect(via("command", origin)).toMatchObject({ via: "phone", actor: { person: 7, credential: 8 } });
  expect(via("command", { ...origin, via: "remote" })).toMatchObject({ via: "remote" });
  expect(via("command")).toMatchObject({ via: "unknown", actor: undefined });
  expect(via("permit")).toMatchObject({ via: "smartkey" });
  expect(via("relock", origin)).toMatchObject({ via: "relock" });
  expect(via("hand")).toMatchObject({ via: "hand", actor: undefined });
  expect(doorEventOf(entryOf("lock.door", { ...made, door: "open" }), undefined)).toMatchObject({ via: "lock" });
});

test("an entry of no tenant is nobody's event", () => {
  const { tenant: _, ...orphan } = entryOf("command.expired", {});
  expect(maybeDoorEvent(orphan)).toBe(false);
  expect(doorEventOf(orphan, undefined)).toBeUndefined();
});

test("a lock that names another lock's command says nothing of whoever is behind that one", () => {
  const entry = { ...entryOf("lock.moved", { ...moved, bolt: "withdrawn" }), command: COMMAND };
  expect(doorEventOf(entry, { ...origin, lock: 4 })).toMatchObject({
    happening: { type: "DoorOpened" },
    via: "unknown",
  });
  expect(doorEventOf(entry, { ...origin, lock: 4 })?.actor).toBeUndefined();
  expect(doorEventOf(entry, origin)?.actor).toBeDefined();
});
