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

/** By lock, how many of the {@link STEPS} its own word has proven: a line that is lost takes none of them back. */
export type ProvenSteps = ReadonlyMap<string, number>;

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

/** Stages at which an opening stops; the hub goes on behind none of them. */
const STOPS: ReadonlySet<DoorStage> = new Set(["jammed", "rejected", "expired", "abandoned", "unknown"]);

/** The doors of an opening, from the street inwards. */
export function doorsOf({ locks, commands, outcome }: OpeningOperation): readonly OpeningDoor[] {
  let hasStopped = outcome !== "running";
  return locks.map(({ id }) => {
    const command = commands.findLast(({ lock }) => lock?.id === id);
    if (command === undefined) {
      return { lockId: id, stage: hasStopped ? "not-tried" : "waiting", detail: null, since: undefined };
    }
    const stage = STAGES[command.state];
    hasStopped ||= STOPS.has(stage);
    return { lockId: id, stage, detail: command.detail, since: command.decidedAt };
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

/** What is proven by what was known before and by how the operation stands. */
export function provenSteps(operation: OpeningOperation, before: ProvenSteps = new Map()): ProvenSteps {
  const doors = doorsOf(operation);
  return new Map(doors.map(({ lockId, stage }) => [lockId, Math.max(before.get(lockId) ?? 0, stepsDone(stage))]));
}

/** The first door that has not opened; none where every door has. */
export function unopened(doors: readonly OpeningDoor[]): OpeningDoor | undefined {
  return doors.find(({ stage }) => stage !== "opened");
}

/** Whether the hub has told its end. */
export function isEnded(operation: Pick<OpeningOperation, "outcome">): boolean {
  return operation.outcome !== "running";
}

/**
 * Whether no door will be opened any more: ended, or stopped at a door. A hub that died in the middle leaves the end to
 * another one, which takes a minute to find it.
 */
export function isOver(operation: OpeningOperation): boolean {
  return isEnded(operation) || doorsOf(operation).some(({ stage }) => STOPS.has(stage));
}

/** Whether nothing more can become known of it: every door has said that it opened, or nothing was sent. */
export function isFinal({ outcome }: Pick<OpeningOperation, "outcome">): boolean {
  return outcome === "complete" || outcome === "denied";
}
