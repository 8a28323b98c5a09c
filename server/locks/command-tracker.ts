import type { Operation } from "@portner/schema/mqtt";
import type { Clock } from "../kernel/clock.ts";
import { isForeign, type JournalEntry, type TailBatch } from "../journal/index.ts";
import { isSettled, laterStanding, standingOfEntry, type CommandStanding } from "./command-state.ts";

/** Settled commands remembered for late evidence and for whoever asks a moment later. */
export const SETTLED_MAX = 5_000;
/** Commands under way on all hubs; ten times the whole country's busiest second. */
export const OPEN_MAX = 20_000;

/** A command as the tail has shown it. */
export interface TrackedCommand {
  readonly id: string;
  readonly operation: string;
  readonly lock: number;
  readonly op: Operation;
  readonly standing: CommandStanding;
  readonly sequence: number;
}

/** Told of every change of a command's standing. */
export type CommandListener = (command: TrackedCommand) => void;

/**
 * Where every recent command stands, by the journal alone: whichever hub sent it and whichever heard its evidence, all
 * hubs see the same states in the same order.
 */
export class CommandTracker {
  readonly #open = new Map<string, TrackedCommand>();
  readonly #settled = new Map<string, TrackedCommand>();
  readonly #listeners = new Set<CommandListener>();
  readonly #lateListeners: ((command: string) => void)[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Follows a tail; register it behind the index and the board. */
  take(batch: TailBatch): void {
    for (const entry of batch.entries) if (!isForeign(entry)) this.#apply(entry);
  }

  find(id: string): TrackedCommand | undefined {
    return this.#open.get(id) ?? this.#settled.get(id);
  }

  onChange(listener: CommandListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Told of each command whose door is proven open after it was settled as something else, or so late that it is not
   * remembered here.
   */
  onLateProof(listener: (command: string) => void): void {
    this.#lateListeners.push(listener);
  }

  /** Resolves when the command is settled, or after `waitMs` with where it stands then. */
  wait(id: string, waitMs: number): Promise<TrackedCommand | undefined> {
    const now = this.find(id);
    if (waitMs <= 0 || (now !== undefined && isSettled(now.standing.state))) return Promise.resolve(now);
    return new Promise((resolve) => {
      const finish = (command: TrackedCommand | undefined): void => {
        cancel();
        unsubscribe();
        resolve(command);
      };
      const cancel = this.#clock.after(waitMs, () => finish(this.find(id)));
      const unsubscribe = this.onChange((command) => {
        if (command.id === id && isSettled(command.standing.state)) finish(command);
      });
    });
  }

  #apply(entry: JournalEntry): void {
    if (entry.command === undefined) return;
    const held = this.find(entry.command);
    const isOpen = entry.kind === "lock.moved" && entry.data.bolt === "withdrawn";
    if (isOpen && isLate(held)) for (const listener of this.#lateListeners) listener(entry.command);
    const standing = standingOfEntry(entry, held?.op);
    if (standing === undefined) return;
    if (entry.kind === "command.authorised" && entry.lock !== undefined) {
      const { operation, op } = entry.data;
      this.#put({ id: entry.command, operation, lock: entry.lock, op, standing, sequence: entry.sequence });
    } else if (held !== undefined && held.lock === entry.lock) {
      const later = laterStanding(held.standing, standing);
      if (later !== held.standing) this.#put({ ...held, standing: later, sequence: entry.sequence });
    }
  }

  #put(command: TrackedCommand): void {
    const settled = isSettled(command.standing.state);
    this.#open.delete(command.id);
    this.#settled.delete(command.id);
    (settled ? this.#settled : this.#open).set(command.id, command);
    forgetOldest(this.#settled, SETTLED_MAX);
    forgetOldest(this.#open, OPEN_MAX);
    for (const listener of [...this.#listeners]) listener(command);
  }
}

function isLate(held: TrackedCommand | undefined): boolean {
  return held === undefined || (isSettled(held.standing.state) && held.standing.state !== "opened");
}

function forgetOldest(commands: Map<string, TrackedCommand>, max: number): void {
  for (const id of commands.keys()) {
    if (commands.size <= max) return;
    commands.delete(id);
  }
}
