import type { Revision } from "@portner/schema/journal";
import { isForeign, type JournalTail, type TailBatch } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import { applyEntry } from "./apply.ts";
import type { DecisionGround } from "./decide.ts";
import type { AccessFacts, MovableFacts } from "./facts.ts";
import { factsFromRows } from "./facts-from-rows.ts";
import { IndexWaiters } from "./index-waiters.ts";
import { loadAccessRows, type AccessRows } from "./store/load.ts";

/** Older facts deny: what a block may cost on a hub that lost touch without noticing. */
export const INDEX_AGE_MS_MAX = 2_000;
/** Pause between two readings of the whole index, so that a stream of unknown entries can't keep Postgres busy with it. */
const RELOAD_PAUSE_MS = 250;
/** Entries kept while the index is read anew; beyond it they are dropped and the reading starts over. */
export const KEPT_ENTRIES_MAX = 20_000;

/** What an index needs while it lives. */
export interface IndexDeps {
  /** Reads all rows and the head in one snapshot. */
  readonly read: () => Promise<{ readonly rows: AccessRows; readonly revision: Revision }>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the hub's time may be believed; validities can't be judged without it. Always, where it is left out. */
  readonly clockTrusted?: () => boolean;
}

interface Snapshot {
  readonly facts: MovableFacts;
  readonly revision: Revision;
  /** Monotonic time just before it was read. */
  readonly readStartedAt: number;
}

/** Reads the index in one snapshot. The tail must go on at `revision`; until the index follows it, its age grows. */
export async function loadAccessIndex(
  deps: Omit<IndexDeps, "read"> & { readonly tables: Tables },
): Promise<{ index: AccessIndex; revision: Revision }> {
  const index = await AccessIndex.load({ ...deps, read: () => loadAccessRows(deps.tables) });
  return { index, revision: index.revision };
}

async function readSnapshot({ read, clock }: IndexDeps): Promise<Snapshot> {
  const readStartedAt = clock.monotonic();
  const { rows, revision } = await read();
  return { facts: factsFromRows(rows), revision, readStartedAt };
}

/**
 * All rights in memory, moved by the journal. It never guesses: behind a gap, an entry it can't read or a change that
 * entries do not tell, it is stale, and denies, until it was read anew.
 */
export class AccessIndex implements DecisionGround {
  readonly #deps: IndexDeps;
  readonly #waiters: IndexWaiters;
  readonly #listeners: (() => void)[] = [];
  #facts: MovableFacts;
  #revision: Revision;
  /** Where the last snapshot stood; what the tail still brings from before it is in it already. */
  #loadedAt: number;
  #freshAt: number;
  #doubtful = false;
  #reloading: Promise<void> | undefined;
  #kept: TailBatch[] = [];
  #keptEntries = 0;
  #stopped = false;
  #unfollow: () => void = () => undefined;

  /** An index as its first reading finds it. */
  static async load(deps: IndexDeps): Promise<AccessIndex> {
    return new AccessIndex(deps, await readSnapshot(deps));
  }

  private constructor(deps: IndexDeps, snapshot: Snapshot) {
    this.#deps = deps;
    this.#waiters = new IndexWaiters(deps.clock);
    this.#facts = snapshot.facts;
    this.#revision = snapshot.revision;
    this.#loadedAt = snapshot.revision.sequence;
    this.#freshAt = snapshot.readStartedAt;
  }

  /** The facts as they stand. Not to be kept: a reload replaces them. */
  get facts(): AccessFacts {
    return this.#facts;
  }

  /** Place in the journal that the facts are true at. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Milliseconds since the start of the last reading of the head that the index has caught up with. */
  ageMs(): number {
    return this.#deps.clock.monotonic() - this.#freshAt;
  }

  /** Whether decisions must deny with `INDEX_STALE`. */
  isStale(): boolean {
    return this.#doubtful || this.ageMs() > INDEX_AGE_MS_MAX || this.#deps.clockTrusted?.() === false;
  }

  /** Whether the facts are being read anew, as after an import; who can wait for a moment need not be denied. */
  get isReadAnew(): boolean {
    return this.#doubtful;
  }

  /** Follows a tail that was started at, or before, the index's revision. Call once, before the tail starts. */
  follow(tail: Pick<JournalTail, "onBatch" | "position">): void {
    if (tail.position.sequence > this.#revision.sequence) this.#doubt("the tail starts behind a gap");
    this.#unfollow = tail.onBatch((batch) => this.#take(batch));
  }

  /** Calls `listener` after each batch that was applied, and after each reload. It must not throw. */
  onMoved(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves with true once the index stands at this number or behind it and is not stale; false when time is up. */
  reached(sequence: number, withinMs: number): Promise<boolean> {
    return this.#waiters.wait(() => !this.isStale() && this.#revision.sequence >= sequence, withinMs);
  }

  /** Resolves with true once the index has caught up with a reading that began after this call; false when time is up. */
  refreshed(withinMs: number): Promise<boolean> {
    const asked = this.#deps.clock.monotonic();
    return this.#waiters.wait(() => !this.#doubtful && this.#freshAt >= asked, withinMs);
  }

  /** Lets go of the tail and ends a reload under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unfollow();
    await this.#reloading;
  }

  #take(batch: TailBatch): void {
    if (this.#doubtful) this.#keep(batch);
    else this.#apply(batch);
    if (!this.#doubtful) this.#announce();
  }

  #apply(batch: TailBatch): void {
    try {
      this.#applyEntries(batch);
    } catch (error) {
      this.#deps.log.error({ error: String(error) }, "an entry could not be applied to the access index");
      this.#doubt("an entry that could not be applied");
    }
  }

  #applyEntries(batch: TailBatch): void {
    for (const entry of batch.entries) {
      if (entry.sequence <= this.#loadedAt) continue;
      if (entry.sequence !== this.#revision.sequence + 1) return this.#doubt("a gap in the journal");
      if (isForeign(entry)) return this.#doubt("an entry of an unknown kind");
      if (entry.epoch !== this.#revision.epoch) return this.#doubt("another epoch");
      if (applyEntry(this.#facts, entry) === "reload") return this.#doubt(`an entry \`${entry.kind}\``);
      this.#revision = { epoch: entry.epoch, sequence: entry.sequence };
    }
    if (batch.position.epoch !== this.#revision.epoch) return this.#doubt("another epoch");
    if (batch.caughtUp) this.#freshAt = Math.max(this.#freshAt, batch.readStartedAt);
  }

  #keep(batch: TailBatch): void {
    this.#kept.push(batch);
    this.#keptEntries += batch.entries.length;
    if (this.#keptEntries > KEPT_ENTRIES_MAX) this.#forgetKept();
  }

  // What was dropped shows as a gap behind the snapshot, unless the snapshot is newer and holds it anyway.
  #forgetKept(): void {
    this.#kept = [];
    this.#keptEntries = 0;
  }

  #doubt(cause: string): void {
    this.#deps.log.info({ cause, sequence: this.#revision.sequence }, "the access index is read anew");
    this.#doubtful = true;
    this.#reloading ??= this.#reload();
  }

  async #reload(): Promise<void> {
    while (this.#doubtful && !this.#stopped) {
      try {
        this.#adopt(await readSnapshot(this.#deps));
      } catch (error) {
        this.#deps.log.warn({ error: String(error) }, "the access index could not be read");
      }
      if (this.#doubtful) await this.#pause();
    }
    // In the same breath as the last look at the doubt: a new one from here on starts another reload.
    this.#reloading = undefined;
    if (!this.#stopped) this.#announce();
  }

  #adopt(snapshot: Snapshot): void {
    const kept = this.#kept;
    this.#forgetKept();
    this.#facts = snapshot.facts;
    this.#revision = snapshot.revision;
    this.#loadedAt = snapshot.revision.sequence;
    this.#freshAt = Math.max(this.#freshAt, snapshot.readStartedAt);
    this.#doubtful = false;
    for (const batch of kept) {
      if (this.#doubtful) this.#keep(batch);
      else this.#apply(batch);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#deps.clock.after(RELOAD_PAUSE_MS, resolve));
  }

  #announce(): void {
    this.#waiters.look();
    for (const listener of this.#listeners) listener();
  }
}
