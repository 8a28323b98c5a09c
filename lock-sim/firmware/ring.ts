import { StoredEvent, type LostRange } from "./record.ts";

/** Most boots for which overwritten ranges are told one by one; older ones show as gaps between `restarted` events. */
export const LOST_RANGES_MAX = 32;

/** One thing to send: an event as text, or a range that was overwritten. */
export type RingEntry =
  | { readonly boot: number; readonly seq: number; readonly text: string }
  | { readonly boot: number; readonly seq: number; readonly lost: LostRange };

interface Kept {
  readonly boot: number;
  readonly seq: number;
  readonly text: string;
}

/**
 * Events that no hub has acknowledged, oldest first. When it is full, the oldest gives way to the newest and becomes
 * part of a lost range. Deterministic: replaying the same pushes and acks gives the same ring.
 */
export class Ring {
  readonly #capacity: number;
  #lost: LostRange[] = [];
  #events: Kept[] = [];
  /** Events before this index are gone; the array is cut now and then, not at every ack. */
  #head = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many events are kept, lost ranges not counted. */
  get size(): number {
    return this.#events.length - this.#head;
  }

  /** Whether one more event fits without overwriting another. */
  get hasRoom(): boolean {
    return this.size < this.#capacity;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#lost.length === 0;
  }

  push(event: StoredEvent): void {
    if (!this.hasRoom) this.#overwriteOldest();
    this.#events.push({ boot: event.boot, seq: event.seq, text: JSON.stringify(event) });
  }

  /** Drops everything of earlier boots, and of `boot` up to `seq`. Returns whether anything was there to drop. */
  acknowledge(boot: number, seq: number): boolean {
    const before = this.size + this.#lost.length;
    let shrunk = false;
    this.#lost = this.#lost
      .filter((range) => range.boot > boot || (range.boot === boot && range.seq > seq))
      .map((range) => {
        if (range.boot !== boot || range.from > seq) return range;
        shrunk = true;
        return { ...range, from: seq + 1 };
      });
    for (let oldest = this.#events[this.#head]; oldest !== undefined; oldest = this.#events[this.#head]) {
      if (oldest.boot > boot || (oldest.boot === boot && oldest.seq > seq)) break;
      this.#head += 1;
    }
    this.#trim();
    return shrunk || this.size + this.#lost.length < before;
  }

  /**
   * What may be under way at once: the oldest boot's entries, from its oldest on, up to `window` numbers beyond what
   * is acknowledged or lost. A newer boot waits until the older one is acknowledged.
   */
  window(window: number): readonly RingEntry[] {
    const lost = this.#lost[0];
    const oldest = this.#events[this.#head];
    const boot = Math.min(lost?.boot ?? Infinity, oldest?.boot ?? Infinity);
    const entries: RingEntry[] = [];
    if (lost !== undefined && lost.boot === boot) entries.push({ boot, seq: lost.seq, lost });
    const base = entries[0]?.seq ?? (oldest?.seq ?? 1) - 1;
    for (let at = this.#head; at < this.#events.length; at += 1) {
      const event = this.#events[at];
      if (event === undefined || event.boot !== boot || event.seq > base + window) break;
      entries.push(event);
    }
    return entries;
  }

  /** Last number known of a boot in the ring; `undefined` when the ring holds nothing of it. */
  lastOf(boot: number): number | undefined {
    for (let at = this.#events.length - 1; at >= this.#head; at -= 1) {
      const event = this.#events[at];
      if (event !== undefined && event.boot <= boot) return event.boot === boot ? event.seq : this.#lostEnd(boot);
    }
    return this.#lostEnd(boot);
  }

  /** The overwritten ranges, oldest first; for a rewritten log. */
  get lost(): readonly LostRange[] {
    return this.#lost;
  }

  /** The kept events as they were pushed, oldest first; for a rewritten log. */
  *kept(): Generator<string> {
    for (const event of this.#events.slice(this.#head)) yield event.text;
  }

  /** Puts back what a rewritten log says about overwritten ranges. */
  restoreLost(lost: readonly LostRange[]): void {
    this.#lost = [...lost];
  }

  #lostEnd(boot: number): number | undefined {
    return this.#lost.find((range) => range.boot === boot)?.seq;
  }

  #overwriteOldest(): void {
    const oldest = this.#events[this.#head];
    if (oldest === undefined) return;
    this.#head += 1;
    this.#trim();
    const { at, clock } = StoredEvent.parse(JSON.parse(oldest.text));
    const last = this.#lost.at(-1);
    if (last?.boot === oldest.boot) {
      this.#lost[this.#lost.length - 1] = { ...last, seq: oldest.seq, at, clock };
      return;
    }
    this.#lost.push({ boot: oldest.boot, from: oldest.seq, seq: oldest.seq, at, clock });
    if (this.#lost.length > LOST_RANGES_MAX) this.#lost.shift();
  }

  #trim(): void {
    if (this.#head < 64 || this.#head * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }
}
