import type { OpeningOperation } from "./documents.ts";

/** Where one door of an opening stands. `opened` is the lock's own signed word, and nothing else is. */
export type DoorStage =
  | "waiting"
  | "preparing"
  | "sent"
  | "accepted"
  | "moving"
  | "opened"
  | "jammed"
  | "rejected"
  | "expired"
  | "abandoned"
  | "unknown"
  | "not-tried";

/** One door of an opening. */
export interface OpeningDoor {
  readonly lockId: string;
  readonly stage: DoorStage;
  /** Why, as a code. */
  readonly detail: string | null;
  /** When the command was decided; absent before. */
  readonly since: string | undefined;
}

const STAGES: Readonly<Record<OpeningOperation["commands"][number]["state"], DoorStage>> = {
  AUTHORISED: "preparing",
  SENT: "sent",
  ACCEPTED: "accepted",
  MOVING: "moving",
  OPENED: "opened",
  JAMMED: "jammed",
  REJECTED: "rejected",
  EXPIRED: "expired",
  ABANDONED: "abandoned",
  // An opening has no command that ends so; whatever ended it, the door has not said that it is open.
  DONE: "unknown",
  UNKNOWN: "unknown",
};

/** The doors of an opening, from the street inwards. */
export function doorsOf({ locks, commands, outcome }: OpeningOperation): readonly OpeningDoor[] {
  return locks.map(({ id }) => {
    const command = commands.findLast(({ lock }) => lock?.id === id);
    if (command === undefined) {
      return { lockId: id, stage: outcome === "running" ? "waiting" : "not-tried", detail: null, since: undefined };
    }
    return { lockId: id, stage: STAGES[command.state], detail: command.detail, since: command.decidedAt };
  });
}

/** Steps that every door goes through, in order. */
export const STEPS = ["sent", "accepted", "moving", "opened"] as const;

/** What a lock that did not open had come to by its own word: a motor that stalled ran, and who refuses has heard. */
const STEPS_BEFORE: Partial<Record<DoorStage, number>> = { jammed: 3, rejected: 1 };

/** How many of the {@link STEPS} a door has done: the lock's events follow each other, so a later one says the earlier. */
export function stepsDone(stage: DoorStage): number {
  return STEPS_BEFORE[stage] ?? STEPS.findIndex((step) => step === stage) + 1;
}

/** Whether nothing more will come of it by itself. */
export function isEnded(operation: Pick<OpeningOperation, "outcome">): boolean {
  return operation.outcome !== "running";
}
