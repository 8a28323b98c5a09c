import type { Instant } from "../../kernel/clock.ts";
import { derivedId } from "../../kernel/ids.ts";
import { newEntry, type NewEntry, type SideRows } from "../../journal/index.ts";
import type { CommandState } from "../../locks/index.ts";
import type { OperationRow } from "./store.ts";

/** A door that said nothing for so long has been settled as unknown by then; longer than a command's evidence takes. */
export const DOOR_MS_MAX = 30_000;

/** Why an operation stopped before its last door had opened. */
export type StopCause = "jammed" | "rejected" | "expired" | "unknown" | "abandoned" | "denied" | "offline";

/** How an operation ended. */
export interface Ending {
  readonly at: Instant;
  /** The lock that stopped it; null when every door opened. */
  readonly stoppedAt: number | null;
  readonly cause: StopCause | null;
}

/** The operation that ended, and who and what it was about. */
export interface EndedOperation {
  readonly operation: string;
  readonly tenant: number;
  readonly path: number | undefined;
  readonly person: number | undefined;
  readonly credential: number | undefined;
  readonly account: number | undefined;
}

/** Why a door in this state stops its operation; nothing where it opened. */
export function stopOf(state: CommandState): StopCause | undefined {
  switch (state) {
    case "opened":
    case "done":
      return undefined;
    case "jammed":
    case "rejected":
    case "expired":
    case "abandoned":
      return state;
    default:
      return "unknown";
  }
}

/** What an operation's end is about, as it is stored. */
export function endedOperation({ id, tenant, path, person, credential, account }: OperationRow): EndedOperation {
  return {
    ...{ operation: id, tenant, path: path ?? undefined, person: person ?? undefined },
    ...{ credential: credential ?? undefined, account: account ?? undefined },
  };
}

/** What is recorded when an operation has ended; any hub may, once. */
export function endingItem(ended: EndedOperation, ending: Ending): EndingItem {
  return itemOf(ended, ending, derivedId("finished", ended.operation));
}

/** What is recorded when an operation that ended in part turns out to have opened every door; any hub may, once. */
export function completionItem(ended: EndedOperation, at: Instant): EndingItem {
  return itemOf(ended, { at, stoppedAt: null, cause: null }, derivedId("completed late", ended.operation));
}

interface EndingItem {
  readonly entries: readonly [NewEntry];
  readonly rows: SideRows;
}

function itemOf(ended: EndedOperation, { at, stoppedAt, cause }: Ending, entryId: string): EndingItem {
  const { operation, tenant, path, person, credential, account: actor } = ended;
  const outcome = stoppedAt === null ? "complete" : "partial";
  const about = { tenant, path, person, credential, actor, lock: stoppedAt ?? undefined };
  const entry = newEntry("opening.finished", {
    ...{ entryId, occurredAt: at, ...about },
    data: { operation, outcome, stoppedAt, cause },
  });
  return { entries: [entry], rows: { operation_outcome: [{ id: operation, outcome, stopped_at: stoppedAt }] } };
}
