import type { EventMessage } from "@portner/schema/mqtt";
import type { JournalEntry } from "../journal/index.ts";

/**
 * The states of a command (W6). `opened` only on signed evidence of the bolt; `done` ends an operation that is no
 * opening; `abandoned` was never sent; `unknown` may still turn into what late evidence says, and `rejected` into what
 * the bolt says: a lock forgets some commands that it refuses, and may obey a copy that the broker brings later.
 */
export const COMMAND_STATES = [
  "authorised",
  "sent",
  "accepted",
  "moving",
  "opened",
  "done",
  "jammed",
  "rejected",
  "expired",
  "unknown",
  "abandoned",
] as const;
/** See {@link COMMAND_STATES}. */
export type CommandState = (typeof COMMAND_STATES)[number];

/** Where a command stands, and why, as a code. */
export interface CommandStanding {
  readonly state: CommandState;
  readonly detail?: string | undefined;
}

const RANK: Readonly<Record<CommandState, number>> = {
  authorised: 0,
  sent: 1,
  accepted: 2,
  moving: 3,
  unknown: 4,
  abandoned: 5,
  rejected: 5,
  expired: 5,
  opened: 6,
  done: 6,
  jammed: 6,
};

/** Whether nothing more is awaited. What is unknown is settled for whoever waits, though evidence may still come. */
export function isSettled(state: CommandState): boolean {
  return RANK[state] >= RANK.unknown;
}

/** The later of two standings: states only go forward, whatever order their evidence arrives in. */
export function laterStanding(held: CommandStanding, next: CommandStanding): CommandStanding {
  if (held.state === "abandoned" || held.state === "expired") return held;
  return RANK[next.state] > RANK[held.state] ? next : held;
}

/** What a move of the bolt says of a command: an opening is done when the bolt is withdrawn, any other when it is thrown. */
export function standingOfMove(op: string | undefined, bolt: string): CommandStanding | undefined {
  if (op === "open") return bolt === "withdrawn" ? { state: "opened" } : undefined;
  return bolt === "thrown" ? { state: "done" } : undefined;
}

/** What a lock's event says of the command it names. `op` is what the command asked for. */
export function standingOfEvent(event: EventMessage, op: string | undefined): CommandStanding | undefined {
  switch (event.kind) {
    case "accepted":
      return event.op === "sync" || event.op === "identify" ? { state: "done" } : { state: "accepted" };
    case "reported":
      return op === "open" ? undefined : { state: "done" };
    case "moving":
      return { state: "moving" };
    case "moved":
      return standingOfMove(op, event.bolt);
    case "jammed":
      return { state: "jammed" };
    default:
      return undefined;
  }
}

/** What a journal entry says of its command. */
export function standingOfEntry(entry: JournalEntry, op: string | undefined): CommandStanding | undefined {
  switch (entry.kind) {
    case "command.authorised":
      return { state: "authorised" };
    case "command.sent":
      return { state: "sent" };
    case "command.abandoned":
      return { state: "abandoned", detail: entry.data.cause };
    case "command.rejected":
      return { state: "rejected", detail: entry.data.reason };
    case "command.expired":
      return { state: "expired" };
    case "command.unknown":
      return { state: "unknown" };
    case "lock.accepted":
      return entry.data.op === "sync" || entry.data.op === "identify" ? { state: "done" } : { state: "accepted" };
    case "lock.reported":
      return op === "open" ? undefined : { state: "done" };
    case "lock.moving":
      return { state: "moving" };
    case "lock.moved":
      return standingOfMove(op, entry.data.bolt);
    case "lock.jammed":
      return { state: "jammed" };
    default:
      return undefined;
  }
}
