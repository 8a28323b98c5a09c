import type { DenialReason } from "@portner/schema/access";
import { isForeign, type JournalEntry, type JournalTail } from "../journal/index.ts";
import type { Instant } from "../kernel/clock.ts";

/** What a decision to open is counted under; a denial under the most telling of its reasons. */
export type DecisionOutcome = "ALLOWED" | DenialReason;

interface Block {
  readonly sequence: number;
  readonly placedAt: Instant;
  readonly proven: Set<number>;
}

/**
 * What one hub has done to the world, for its metrics, read off the journal's tail. Each hub counts the entries that it
 * wrote itself, so that the sum over all hubs is right.
 */
export class Observations {
  readonly #hub: string;
  readonly #onProof: (seconds: number) => void;
  readonly #decisions = new Map<DecisionOutcome, number>();
  /** The newest block of each tenant: whoever proves a version proves all blocks before it. */
  readonly #blocks = new Map<number, Block>();

  /** `onProof` hears, for each lock that proves to hold a block, how long after the block it did. */
  constructor(hub: string, onProof: (seconds: number) => void) {
    this.#hub = hub;
    this.#onProof = onProof;
  }

  /** Decisions since the start about openings and about what was shown at a door. Questions to the API aren't among them. */
  get decisions(): ReadonlyMap<DecisionOutcome, number> {
    return this.#decisions;
  }

  /** Begins to count. */
  follow(tail: Pick<JournalTail, "onBatch">): void {
    tail.onBatch(({ entries }) => {
      for (const entry of entries) if (!isForeign(entry)) this.#see(entry);
    });
  }

  #see(entry: JournalEntry): void {
    if (entry.kind === "block.placed") this.#seeBlock(entry);
    if (entry.hub !== this.#hub) return;
    switch (entry.kind) {
      case "opening.authorised":
      case "answer.given":
        return this.#count("ALLOWED");
      case "opening.denied":
      case "answer.refused":
        return this.#count(entry.data.reasons[0]);
      case "lock.holds":
        return this.#seeProof(entry);
      default:
    }
  }

  #count(outcome: DecisionOutcome | undefined): void {
    if (outcome !== undefined) this.#decisions.set(outcome, (this.#decisions.get(outcome) ?? 0) + 1);
  }

  #seeBlock({ tenant, sequence, recordedAt }: JournalEntry<"block.placed">): void {
    if (tenant !== undefined) this.#blocks.set(tenant, { sequence, placedAt: recordedAt, proven: new Set() });
  }

  #seeProof({ tenant, lock, recordedAt, data }: JournalEntry<"lock.holds">): void {
    const block = this.#blocks.get(tenant ?? -1);
    if (block === undefined || lock === undefined || data.deny.version < block.sequence || block.proven.has(lock))
      return;
    block.proven.add(lock);
    this.#onProof((recordedAt - block.placedAt) / 1_000);
  }
}
