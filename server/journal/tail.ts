import type { Revision } from "@portner/schema/journal";
import type { Clock } from "../kernel/clock.ts";
import type { Sql } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import type { ForeignEntry, JournalEntry } from "./entry.ts";
import { readAfter } from "./read.ts";

/** Without a reading of the journal's head for so long, Postgres counts as away. */
export const JOURNAL_AWAY_MS = 5_000;

/** LISTEN is only a wake-up; without it the tail looks this often. */
const POLL_MS = 500;
/** Entries read at once; more waits for the next turn. */
const READ_ENTRIES_MAX = 512;
/** After a failed read: soon again, for everything live hangs on it. */
const RETRY_MS = 200;
const CHANNEL = "portner_journal";

/** What a listener gets: entries in order without a hole, read at one moment. */
export interface TailBatch {
  readonly entries: readonly (JournalEntry | ForeignEntry)[];
  readonly position: Revision;
  /** Whether the position is the head that was read. */
  readonly caughtUp: boolean;
  /** Monotonic time of this hub just before the reading began: nothing is known of what committed after it. */
  readonly readStartedAt: number;
}

/** Something that follows the journal. Called synchronously, in the order of registration; must not throw. */
export type TailListener = (batch: TailBatch) => void;

/** What a tail needs. */
export interface TailDeps {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether to LISTEN; tests cut it. */
  readonly listen?: boolean;
  /** Pause before a batch is handed on; tests delay a hub with it. */
  readonly delayMs?: () => number;
  /** Told the database's time at each reading. */
  readonly onDatabaseTime?: (databaseTime: number, asked: number, answered: number) => void;
}

/**
 * Follows the journal from a position: every entry once, in order, whatever wakes it. Index, board, sessions,
 * subscriptions and waiting requests all hang on one tail, so they see the same thing in the same order.
 */
export class JournalTail {
  readonly #deps: TailDeps;
  readonly #listeners: TailListener[] = [];
  #position: Revision;
  #lastCaughtUpAt = Number.NEGATIVE_INFINITY;
  #wanted = true;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(deps: TailDeps, from: Revision) {
    this.#deps = deps;
    this.#position = from;
  }

  /** Where the tail stands: everything up to here was handed to every listener. */
  get position(): Revision {
    return this.#position;
  }

  /** Milliseconds since the start of the last reading that the tail has caught up with; infinite before the first. */
  ageMs(): number {
    return this.#deps.clock.monotonic() - this.#lastCaughtUpAt;
  }

  /** Adds a listener behind those that are there. The returned function removes it. */
  onBatch(listener: TailListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const at = this.#listeners.indexOf(listener);
      if (at >= 0) this.#listeners.splice(at, 1);
    };
  }

  /** Begins to follow. */
  start(): void {
    if (this.#deps.listen !== false) void this.#listen();
    this.#running ??= this.#run();
  }

  /** Looks now rather than at the next poll; this hub calls it after its own commits. */
  poke(): void {
    this.#wanted = true;
    this.#wake();
  }

  /** Stops after the reading under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.poke();
    await this.#running;
    await this.#unlisten?.().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    try {
      const { unlisten } = await this.#deps.sql.listen(
        CHANNEL,
        () => this.poke(),
        () => this.poke(),
      );
      this.#unlisten = unlisten;
      if (this.#stopped) await unlisten();
    } catch (error) {
      this.#deps.log.warn({ error: String(error) }, "listening failed; polling goes on");
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#wanted = false;
      let pauseMs = POLL_MS;
      try {
        if (!(await this.#read())) continue;
      } catch (error) {
        this.#deps.log.warn({ error: String(error) }, "the journal could not be read");
        pauseMs = RETRY_MS;
      }
      await this.#sleep(pauseMs);
    }
  }

  async #sleep(delayMs: number): Promise<void> {
    if (this.#wanted || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  /** Reads once; answers whether the tail has caught up. */
  async #read(): Promise<boolean> {
    const readStartedAt = this.#deps.clock.monotonic();
    const reading = await readAfter(this.#deps.sql, this.#position.sequence, READ_ENTRIES_MAX);
    this.#deps.onDatabaseTime?.(reading.databaseTime, readStartedAt, this.#deps.clock.monotonic());
    const delayMs = this.#deps.delayMs?.() ?? 0;
    if (delayMs > 0) await new Promise<void>((resolve) => void this.#deps.clock.after(delayMs, resolve));
    const last = reading.entries.at(-1)?.sequence ?? this.#position.sequence;
    this.#position = { epoch: reading.epoch, sequence: last };
    const caughtUp = last >= reading.headSequence;
    if (caughtUp) this.#lastCaughtUpAt = readStartedAt;
    const batch: TailBatch = { entries: reading.entries, position: this.#position, caughtUp, readStartedAt };
    for (const listener of [...this.#listeners]) listener(batch);
    return caughtUp;
  }
}
