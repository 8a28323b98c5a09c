import type { Clock } from "../kernel/clock.ts";
import { isUnavailable, type Sql } from "../kernel/database.ts";
import { InvariantError, JournalUnavailableError, PortnerError } from "../kernel/errors.ts";
import { itemForDatabase, type Item } from "./wire.ts";

/** Entries in one batch: about what Postgres commits as fast as one, so that batching never delays anybody. */
const BATCH_ENTRIES_MAX = 512;
/** Items waiting for a batch: several seconds of the busiest hour; beyond it the hub is overloaded and says so. */
export const QUEUED_ITEMS_MAX = 20_000;
/** How long an item may try. An opening must be signed within 3 s of its decision, so longer helps nobody. */
const GIVE_UP_AFTER_MS = 3_000;
/** Pause before the same batch is tried again. */
const RETRY_MS = 100;
/** How long a patient item waits for a batch that goes anyway; nobody sees the difference on a screen. */
export const PATIENT_MS = 20;
/** How long a stop waits for what is under way: whatever waits longer is given up anyway. */
export const SETTLE_MS_MAX = GIVE_UP_AFTER_MS;

/** What became of an item. `stale`: decide anew. `repeated`: it, or one with an entry id of its, stood already. */
export type Recorded =
  | { readonly outcome: "recorded"; readonly sequence: number }
  | { readonly outcome: "repeated"; readonly sequence: number; readonly content: string | null }
  | { readonly outcome: "stale" };

/**
 * An item and how urgent it is: openings go before everything else. What is patient goes with the next batch, before what
 * came after it, and after {@link PATIENT_MS} by itself.
 */
export interface HotItem extends Item {
  readonly haste?: "urgent" | "patient";
}

interface Waiting {
  readonly item: HotItem;
  /** Whether it was sent once already and the answer was lost: then it may stand, by this very hand. */
  sentBefore: boolean;
  readonly since: number;
  readonly settle: (recorded: Recorded) => void;
  readonly fail: (error: PortnerError) => void;
}

interface Verdict {
  readonly item: number;
  readonly outcome: string;
  readonly seq: string | null;
  readonly content: string | null;
}

/**
 * The journal's door for hot entries. Batches naturally: while one batch commits, the next gathers; there is no timer.
 * A bad item is answered alone and never fails the batch it came with.
 */
export class Recorder {
  readonly #urgent: Waiting[] = [];
  readonly #patient: Waiting[] = [];
  readonly #ordinary: Waiting[] = [];
  readonly #sql: Sql;
  readonly #hub: string;
  readonly #clock: Clock;
  #busy = false;
  #unanswered = false;
  /** Called once nothing waits and nothing is under way. */
  readonly #settling: (() => void)[] = [];

  constructor(deps: { readonly sql: Sql; readonly hub: string; readonly clock: Clock }) {
    this.#sql = deps.sql;
    this.#hub = deps.hub;
    this.#clock = deps.clock;
  }

  /** Items that wait for a batch, for `/metrics`. */
  get waiting(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  /**
   * Records an item. Resolves after the commit. Rejects with JournalUnavailableError when Postgres is away or too slow,
   * and with PortnerError `JOURNAL_REFUSED` when Postgres refused this very item.
   */
  record(item: HotItem): Promise<Recorded> {
    if (item.entries.some((entry) => entry.effect === "revokes")) {
      throw new InvariantError("what revokes goes through append");
    }
    if (this.waiting >= QUEUED_ITEMS_MAX) {
      return Promise.reject(new JournalUnavailableError("too many entries wait for the journal"));
    }
    if (this.#unanswered) return Promise.reject(unanswered());
    return new Promise((settle, fail) => {
      const waiting = { item, sentBefore: false, since: this.#clock.monotonic(), settle, fail };
      this.#queueOf(item).push(waiting);
      if (item.haste !== "patient") void this.#drain();
      else if (this.#patient.length === 1) this.#clock.after(PATIENT_MS, () => void this.#drain());
    });
  }

  /**
   * Sends at once what waits, patient items too, and resolves when nothing waits or is under way, or after
   * {@link SETTLE_MS_MAX}. For a stop, when nothing brings items any more.
   */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(SETTLE_MS_MAX, resolve);
      this.#settling.push(() => {
        cancel();
        resolve();
      });
      void this.#drain();
    });
  }

  get #queues(): readonly Waiting[][] {
    // What was patient has waited, and what is urgent may be its consequence.
    return [this.#patient, this.#urgent, this.#ordinary];
  }

  #queueOf({ haste }: HotItem): Waiting[] {
    if (haste === "urgent") return this.#urgent;
    return haste === "patient" ? this.#patient : this.#ordinary;
  }

  // What waits behind a batch that Postgres does not answer was never sent, and need not wait for it to be given up.
  #refuseWaiting(): void {
    this.#unanswered = true;
    for (const waiting of this.#queues.flatMap((queue) => queue.splice(0))) waiting.fail(unanswered());
  }

  async #drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.waiting > 0) await this.#commit(this.#nextBatch());
    this.#busy = false;
    for (const settle of this.#settling.splice(0)) settle();
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const ids = new Set<string>();
    let entries = 0;
    for (const queue of this.#queues) {
      let taken = 0;
      for (const waiting of queue) {
        const mine = waiting.item.entries.map((entry) => entry.entryId);
        // A repetition within one batch could not see its twin; it waits for the next.
        if (batch.length > 0 && (entries + mine.length > BATCH_ENTRIES_MAX || mine.some((id) => ids.has(id)))) break;
        for (const id of mine) ids.add(id);
        entries += mine.length;
        batch.push(waiting);
        taken += 1;
      }
      queue.splice(0, taken);
      if (queue.length > 0) break;
    }
    return batch;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#attempt(batch);
    } catch (error) {
      if (isUnavailable(error)) await this.#retryLater(batch, error);
      else if (batch.length > 1) for (const waiting of batch) await this.#commit([waiting]);
      else batch[0]?.fail(new PortnerError("JOURNAL_REFUSED", "the journal refused an entry", { cause: error }));
    }
  }

  async #attempt(batch: readonly Waiting[]): Promise<void> {
    const items = JSON.stringify(batch.map((waiting) => itemForDatabase(waiting.item)));
    const cancel = this.#clock.after(GIVE_UP_AFTER_MS, () => this.#refuseWaiting());
    const asked = this.#sql<Verdict[]>`SELECT * FROM journal_record(${this.#hub}, ${items}::text::jsonb)`;
    const verdicts = await asked.finally(() => {
      cancel();
      this.#unanswered = false;
    });
    const outcomes: [Waiting, Recorded][] = [];
    for (const verdict of verdicts) {
      const waiting = batch[verdict.item];
      if (waiting !== undefined) outcomes.push([waiting, await this.#ownVerdict(waiting, readVerdict(verdict))]);
    }
    for (const [waiting, recorded] of outcomes) waiting.settle(recorded);
  }

  // After a lost answer, what stands was recorded by the first attempt only if it stands word for word. Somebody else
  // may have met the same key meanwhile and decided otherwise: a denial must never be taken for this hub's own allow.
  async #ownVerdict({ sentBefore, item }: Waiting, recorded: Recorded): Promise<Recorded> {
    if (!sentBefore || recorded.outcome !== "repeated") return recorded;
    const parameter = JSON.stringify(itemForDatabase(item));
    const [row] = await this.#sql<{ seq: string | null }[]>`
      SELECT journal_standing(${this.#hub}, ${parameter}::text::jsonb) AS seq`;
    const standing = row?.seq ?? null;
    return standing === null ? recorded : { outcome: "recorded", sequence: Number(standing) };
  }

  // After a broken connection the outcome is unknown; the same entry ids make trying again harmless.
  async #retryLater(batch: readonly Waiting[], cause: unknown): Promise<void> {
    const now = this.#clock.monotonic();
    const patient = batch.filter((waiting) => now - waiting.since < GIVE_UP_AFTER_MS);
    for (const waiting of batch) {
      if (!patient.includes(waiting)) waiting.fail(new JournalUnavailableError("the journal is away", { cause }));
    }
    if (patient.length === 0) return;
    for (const waiting of patient) waiting.sentBefore = true;
    await new Promise<void>((resolve) => {
      this.#clock.after(RETRY_MS, resolve);
    });
    await this.#commit(patient);
  }
}

function unanswered(): JournalUnavailableError {
  return new JournalUnavailableError("the journal does not answer");
}

function readVerdict(verdict: Verdict): Recorded {
  const sequence = Number(verdict.seq);
  switch (verdict.outcome) {
    case "recorded":
      return { outcome: "recorded", sequence };
    case "repeated":
      return { outcome: "repeated", sequence, content: verdict.content };
    case "stale":
      return { outcome: "stale" };
    default:
      throw new InvariantError(`unknown verdict \`${verdict.outcome}\` of the journal`);
  }
}
