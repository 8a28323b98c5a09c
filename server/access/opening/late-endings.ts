import { isForeign, type JournalEntry, type Recorder, type TailBatch } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import type { Log } from "../../kernel/log.ts";
import type { CommandTracker } from "../../locks/index.ts";
import { completionItem, endedOperation } from "./ending.ts";
import { operationById, operationOfCommand, partialOperations, type StoredOperation } from "./store.ts";

/** How far back a hub that starts looks for endings that nobody mended: what a lock says later has been told by others. */
const LOOK_BACK_MS = 7 * 24 * 3_600_000;
/** Partial operations looked at when a hub starts; by then hardly any are not what they say. */
const LOOK_BACK_OPERATIONS_MAX = 1_000;

/** What mending works with. */
export interface LateEndingDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Pick<Recorder, "record">;
  readonly tracker: Pick<CommandTracker, "onLateProof">;
}

/**
 * Tells the truth about operations that ended too soon: one that ended in part, because its last door was not heard of,
 * is complete once that door's late evidence has come. Any hub may say so, once.
 */
export class LateEndings {
  readonly #deps: LateEndingDeps;

  constructor(deps: LateEndingDeps) {
    this.#deps = deps;
    deps.tracker.onLateProof((command) => this.#mend(() => operationOfCommand(deps.tables, command)));
  }

  /** Follows a tail: the proof may have come in the moment between a door's last word and its operation's end. */
  take(batch: TailBatch): void {
    for (const entry of batch.entries) if (!isForeign(entry)) this.#look(entry);
  }

  /**
   * Looks at what began so long ago or later. As far as it goes when the hub starts, for evidence may have come while no hub
   * was up; and over the last hour again and again, for a command that was still open when its operation was given up may
   * be settled in silence.
   */
  async lookBack(overMs = LOOK_BACK_MS): Promise<void> {
    const { tables, clock } = this.#deps;
    const since = new Date(clock.now() - overMs);
    await this.#guarded(async () => {
      for (const stored of await partialOperations(tables, since, LOOK_BACK_OPERATIONS_MAX))
        await this.#complete(stored);
    });
  }

  #look(entry: JournalEntry): void {
    if (entry.kind !== "opening.finished" || entry.data.outcome !== "partial") return;
    const { operation } = entry.data;
    this.#mend(() => operationById(this.#deps.tables, operation));
  }

  #mend(find: () => Promise<StoredOperation | undefined>): void {
    void this.#guarded(async () => {
      const stored = await find();
      if (stored !== undefined) await this.#complete(stored);
    });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.log.warn({ error: String(error) }, "a late ending was not recorded; it is looked for again");
    }
  }

  async #complete(stored: StoredOperation): Promise<void> {
    if (stored.operation.outcome !== "partial" || !hasOpenedAll(stored)) return;
    await this.#deps.recorder.record(completionItem(endedOperation(stored.operation), this.#deps.clock.now()));
  }
}

function hasOpenedAll({ operation, commands }: StoredOperation): boolean {
  return operation.locks.every((lock) => commands.some((each) => each.lock === lock && each.state === "opened"));
}
