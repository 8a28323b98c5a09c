import { CLOCK_SKEW_MS_MAX, type EventMessage } from "@portner/schema/mqtt";
import { derivedId, isUuid } from "../kernel/ids.ts";
import type { Instant } from "../kernel/clock.ts";
import { newEntry, type JournalEntry, type NewEntry } from "../journal/index.ts";
import type { RegisteredLock } from "./registry.ts";

/** The kinds of entries that a lock's events become. */
export const LOCK_ENTRY_KINDS = [
  "lock.restarted",
  "lock.reported",
  "lock.accepted",
  "lock.moving",
  "lock.moved",
  "lock.jammed",
  "lock.door",
  "lock.entry",
  "lock.refused",
  "lock.holds",
  "lock.lost",
  "lock.tampered",
] as const;

type LockEntryKind = (typeof LOCK_ENTRY_KINDS)[number];

/** What a reader needs of a lock's event, written or about to be. */
export type LockEntry = {
  [Kind in LockEntryKind]: Pick<JournalEntry<Kind>, "kind" | "data" | "occurredAt" | "command">;
}[LockEntryKind];

const KINDS: ReadonlySet<string> = new Set(LOCK_ENTRY_KINDS);

/** Whether an entry is a lock's own event. */
export function isLockEntry(entry: JournalEntry): entry is JournalEntry<LockEntryKind> {
  return KINDS.has(entry.kind);
}

/** What an event's entry is made from. */
export interface HeardEvent {
  readonly lock: Pick<RegisteredLock, "unitId" | "tenant" | "lock" | "unit" | "door">;
  readonly event: EventMessage;
  /** SHA-256 (hex) of the signed bytes. */
  readonly content: string;
  /** When the hub heard it; stands in for the lock's time where that can't be believed. */
  readonly heardAt: Instant;
  /** Whether the hub's own clock is sure; one that just woke may be behind every lock in town. */
  readonly hubClockTrusted: boolean;
}

/**
 * The identity of an event's entry: the same on every hub and at every repetition. A lost range ends at a number that
 * another event may have carried, so it has an identity of its own.
 */
export function eventEntryId(unitId: string, { boot, seq, kind }: Pick<EventMessage, "boot" | "seq" | "kind">): string {
  return derivedId(kind === "lost" ? "lost" : "event", unitId, boot, seq);
}

/** A command's id in an entry's column, if the event names one in the form that hubs give. */
function commandOf(event: EventMessage): string | undefined {
  const id = "cmd" in event ? event.cmd : undefined;
  return id !== undefined && isUuid(id) ? id : undefined;
}

/** The journal entry of a lock's event. */
export function entryOfEvent(heard: HeardEvent): NewEntry & LockEntry {
  const { lock, event, content, heardAt, hubClockTrusted } = heard;
  // Nothing has happened later than it was heard of; a fact from the future would be new for ever.
  const isAhead = hubClockTrusted && event.at > heardAt + CLOCK_SKEW_MS_MAX;
  const clockTrusted = event.clock.trusted && !isAhead;
  const subject = {
    entryId: eventEntryId(lock.unitId, event),
    occurredAt: clockTrusted ? event.at : heardAt,
    tenant: lock.tenant,
    lock: lock.lock,
    unit: lock.unit,
    door: lock.door,
    command: commandOf(event),
    content,
  };
  const { boot, seq: sequence, clock } = event;
  const made = { boot, sequence, clockTrusted, clockErrorMs: clock.errorMs };
  switch (event.kind) {
    case "restarted":
      return newEntry("lock.restarted", { ...subject, data: { ...made, cause: event.cause, facts: event.facts } });
    case "reported":
      return newEntry("lock.reported", {
        ...subject,
        data: { ...made, command: event.cmd ?? null, facts: event.facts },
      });
    case "accepted":
      return newEntry("lock.accepted", { ...subject, data: { ...made, op: event.op, generation: event.gen } });
    case "moving":
      return newEntry("lock.moving", { ...subject, data: { ...made, ...originOf(event), towards: event.towards } });
    case "moved": {
      const { bolt, latch, durationMs, batteryLoadMillivolts = null } = event;
      const data = { ...made, ...originOf(event), bolt, latch, durationMs, batteryLoadMillivolts };
      return newEntry("lock.moved", { ...subject, data });
    }
    case "jammed":
      return newEntry("lock.jammed", { ...subject, data: { ...made, ...originOf(event), towards: event.towards } });
    case "door":
      return newEntry("lock.door", { ...subject, data: { ...made, door: event.door } });
    case "entry":
      return newEntry("lock.entry", { ...subject, data: { ...made, permit: event.permit, generation: event.gen } });
    case "refused": {
      const { from, to, counts, commands } = event;
      return newEntry("lock.refused", { ...subject, data: { ...made, from, to, counts, commands } });
    }
    case "holds":
      return newEntry("lock.holds", { ...subject, data: { ...made, cfg: event.cfg, deny: event.deny } });
    case "lost":
      return newEntry("lock.lost", { ...subject, data: { ...made, from: event.from } });
    case "tamper":
      return newEntry("lock.tampered", { ...subject, data: { ...made, what: event.what } });
  }
}

function originOf(event: Extract<EventMessage, { kind: "moving" | "moved" | "jammed" }>) {
  return { cause: event.cause, command: event.cmd ?? null, permit: event.permit ?? null };
}
