import type { DenialReason } from "@portner/schema/access";
import type { EntryKindName } from "@portner/schema/journal";
import type { Instant } from "../../kernel/clock.ts";
import type { JournalEntry } from "../../journal/index.ts";
import type { CommandOrigin } from "./command-origins.ts";

/**
 * By what means a door was worked: the own phone, remotely for somebody else, a credential shown at the door, a smartkey
 * without the hub, a hand, the lock's own relock; `lock` for what a lock tells of itself.
 */
export const VIAS = ["phone", "remote", "door", "smartkey", "hand", "relock", "lock", "unknown"] as const;
/** See {@link VIAS}. */
export type Via = (typeof VIAS)[number];

/** Whoever is behind an event, by internal key. */
export interface EventActor {
  readonly person?: number | undefined;
  readonly credential?: number | undefined;
  /** Account, where it was done from a dashboard. */
  readonly account?: number | undefined;
}

/** What every door event says. */
export interface DoorEventFrame {
  readonly sequence: number;
  readonly epoch: number;
  readonly entryId: string;
  readonly tenant: number;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly lock: number | undefined;
  readonly path: number | undefined;
  readonly command: string | undefined;
  readonly actor: EventActor | undefined;
  readonly via: Via;
}

/** What happened at a door; a closed set. Blocks and rights are no door events: they are found in the journal. */
export type DoorHappening =
  | { readonly type: "DoorOpened" }
  | { readonly type: "DoorLocked" }
  /** The bolt came to stand where the lock can't tell. */
  | { readonly type: "DoorMoved" }
  | { readonly type: "DoorJammed"; readonly towards: "withdrawn" | "thrown" | null }
  | { readonly type: "DoorLeafMoved"; readonly position: "open" | "closed" | "unknown" }
  | { readonly type: "DoorDenied"; readonly reasons: readonly DenialReason[] }
  | {
      readonly type: "CommandSettled";
      readonly state: "abandoned" | "rejected" | "expired" | "unknown";
      readonly detail: string | null;
    }
  | { readonly type: "PermitUsed" }
  | { readonly type: "RefusedAtDoor"; readonly counts: readonly { readonly reason: string; readonly count: number }[] }
  | { readonly type: "LockRestarted"; readonly cause: string }
  | { readonly type: "EventsLost"; readonly from: number; readonly to: number }
  | { readonly type: "LockTampered"; readonly what: string }
  | { readonly type: "LockQuarantined"; readonly cause: string }
  | { readonly type: "LockReleased" };

/** The names of door events. */
export const DOOR_EVENT_TYPES = [
  "DoorOpened",
  "DoorLocked",
  "DoorMoved",
  "DoorJammed",
  "DoorLeafMoved",
  "DoorDenied",
  "CommandSettled",
  "PermitUsed",
  "RefusedAtDoor",
  "LockRestarted",
  "EventsLost",
  "LockTampered",
  "LockQuarantined",
  "LockReleased",
] as const satisfies readonly DoorHappening["type"][];

/** See {@link DOOR_EVENT_TYPES}. */
export type DoorEventType = DoorHappening["type"];

/** One event at a door: what happened, and its frame. */
export interface DoorEvent<Happening extends DoorHappening = DoorHappening> extends DoorEventFrame {
  readonly happening: Happening;
}

/** Kinds of entries that can be a door event. Looked at first, because most entries are none. */
export const DOOR_EVENT_KINDS = [
  "opening.denied",
  "answer.refused",
  "command.abandoned",
  "command.rejected",
  "command.expired",
  "command.unknown",
  "lock.moved",
  "lock.jammed",
  "lock.door",
  "lock.entry",
  "lock.refused",
  "lock.restarted",
  "lock.lost",
  "lock.tampered",
  "lock.quarantined",
  "lock.released",
] as const satisfies readonly EntryKindName[];

const KINDS: ReadonlySet<EntryKindName> = new Set(DOOR_EVENT_KINDS);

/** Whether an entry can be a door event. */
export function maybeDoorEvent(entry: JournalEntry): boolean {
  return entry.tenant !== undefined && KINDS.has(entry.kind);
}

/** The door event that an entry is; nothing for all others. `known` is what is known of the entry's command. */
export function doorEventOf(entry: JournalEntry, known: CommandOrigin | undefined): DoorEvent | undefined {
  // A lock that names another lock's command says nothing about whoever is behind that one.
  const origin = known?.lock === entry.lock ? known : undefined;
  const happening = happeningOf(entry);
  if (happening === undefined || entry.tenant === undefined) return undefined;
  const { sequence, epoch, entryId, tenant, occurredAt, recordedAt: receivedAt, command } = entry;
  const { person = origin?.person, credential = origin?.credential, actor: account = origin?.account } = entry;
  const somebody = person !== undefined || credential !== undefined || account !== undefined;
  return {
    sequence,
    epoch,
    entryId,
    tenant,
    occurredAt,
    receivedAt,
    lock: entry.lock,
    path: entry.path ?? origin?.path,
    command,
    actor: somebody ? { person, credential, account } : undefined,
    via: viaOf(entry, origin),
    happening,
  };
}

function happeningOf(entry: JournalEntry): DoorHappening | undefined {
  switch (entry.kind) {
    case "opening.denied":
    case "answer.refused":
      return { type: "DoorDenied", reasons: entry.data.reasons };
    case "command.abandoned":
      return { type: "CommandSettled", state: "abandoned", detail: entry.data.cause };
    case "command.rejected":
      return { type: "CommandSettled", state: "rejected", detail: entry.data.reason };
    case "command.expired":
      return { type: "CommandSettled", state: "expired", detail: null };
    case "command.unknown":
      return { type: "CommandSettled", state: "unknown", detail: null };
    case "lock.quarantined":
      return { type: "LockQuarantined", cause: entry.data.cause };
    case "lock.released":
      return { type: "LockReleased" };
    default:
      return toldByLock(entry);
  }
}

function toldByLock(entry: JournalEntry): DoorHappening | undefined {
  switch (entry.kind) {
    case "lock.moved":
      return movedTo(entry.data.bolt);
    case "lock.jammed":
      return { type: "DoorJammed", towards: entry.data.towards };
    case "lock.door":
      return { type: "DoorLeafMoved", position: entry.data.door };
    case "lock.entry":
      return { type: "PermitUsed" };
    case "lock.refused": {
      const counts = Object.entries(entry.data.counts).map(([reason, count]) => ({ reason, count }));
      return { type: "RefusedAtDoor", counts };
    }
    case "lock.restarted":
      return { type: "LockRestarted", cause: entry.data.cause };
    case "lock.lost":
      return { type: "EventsLost", from: entry.data.from, to: entry.data.sequence };
    case "lock.tampered":
      return { type: "LockTampered", what: entry.data.what };
    default:
      return undefined;
  }
}

function movedTo(bolt: JournalEntry<"lock.moved">["data"]["bolt"]): DoorHappening {
  switch (bolt) {
    case "withdrawn":
      return { type: "DoorOpened" };
    case "thrown":
      return { type: "DoorLocked" };
    case "between":
      return { type: "DoorJammed", towards: null };
    case "unknown":
      return { type: "DoorMoved" };
  }
}

function viaOf(entry: JournalEntry, origin: CommandOrigin | undefined): Via {
  switch (entry.kind) {
    case "opening.denied":
      return entry.credential === undefined ? "remote" : "phone";
    case "answer.refused":
      return "door";
    case "lock.moved":
    case "lock.jammed":
      return viaOfCause(entry.data.cause, origin);
    case "lock.entry":
      return "smartkey";
    default:
      return entry.command === undefined ? "lock" : (origin?.via ?? "unknown");
  }
}

function viaOfCause(cause: JournalEntry<"lock.moved">["data"]["cause"], origin: CommandOrigin | undefined): Via {
  switch (cause) {
    case "command":
      return origin?.via ?? "unknown";
    case "permit":
      return "smartkey";
    case "relock":
    case "hand":
    case "unknown":
      return cause;
  }
}
