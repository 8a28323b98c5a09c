import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import type { LiveBatch } from "./live-batch.ts";
import type { Member } from "./member.ts";
import { SharedAnswer } from "./shared-answer.ts";

/** Batches that may wait; more than a busy minute of a large city, and everybody reads the log instead. */
const WAITING_BATCHES_MAX = 1_024;
/** Members that are handed an answer at one go, about ten milliseconds; then others of the process have a turn. */
const HANDED_AT_ONCE_MAX = 1_000;

/** What a group needs. */
export interface GroupOptions<Item> {
  readonly clock: Clock;
  readonly beatMs: number;
  /** Items up to here were fed before the group listened. */
  readonly position: number;
  readonly positionOf: (item: Item) => number;
}

/** Answers of an item by variant; `undefined` where the item is not for them. */
type Answers = Map<string, SharedAnswer | undefined>;

/**
 * Subscribers of one operation and one scope, hand in hand: each item is executed once for all of one variant. Whoever
 * can't keep step, and whoever would get an error, goes on alone from where they are.
 */
export class Group<Item, Event> {
  readonly #options: GroupOptions<Item>;
  readonly #members = new Set<Member<Item, Event>>();
  #waiting: LiveBatch<Item>[] = [];
  #position: number;
  #running = false;
  #beatDue = false;
  #saidAt: number;
  #cancelBeat: (() => void) | undefined;

  constructor(options: GroupOptions<Item>) {
    this.#options = options;
    this.#position = options.position;
    this.#saidAt = options.clock.monotonic();
  }

  /** Takes a member in that has everything up to the group's place; `false` for one that lies behind it. */
  join(member: Member<Item, Event>): boolean {
    if (member.position < this.#position) return false;
    this.#members.add(member);
    if (this.#cancelBeat === undefined) this.#beatLater(this.#options.beatMs);
    return true;
  }

  /** Lets a member go; it gets nothing more from here. */
  leave(member: Member<Item, Event>): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
  }

  /** How many go along. */
  get size(): number {
    return this.#members.size;
  }

  /** Takes what its feed brings. */
  readonly take = (batch: LiveBatch<Item>): void => {
    this.#waiting.push(batch);
    if (this.#waiting.length > WAITING_BATCHES_MAX) {
      this.#waiting = [];
      this.#reach(batch.position);
      this.#expelBefore(Number.POSITIVE_INFINITY);
    }
    this.#run();
  };

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#work().catch((error: unknown) => this.#failBefore(Number.POSITIVE_INFINITY, error));
  }

  async #work(): Promise<void> {
    try {
      while (this.#waiting.length > 0 || this.#beatDue) {
        const [batch] = this.#waiting.splice(0, 1);
        for (const item of batch?.items ?? []) await this.#hand(item);
        if (batch !== undefined) this.#reach(batch.position);
        if (this.#beatDue && this.#waiting.length === 0) await this.#beat();
      }
    } finally {
      // In one go with the last look at what waits: what comes later must start the work again.
      this.#running = false;
    }
  }

  #reach(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  async #hand(item: Item): Promise<void> {
    const position = this.#options.positionOf(item);
    // Before anything is waited for: whoever joins from now on must have this item.
    this.#reach(position);
    const answers: Answers = new Map();
    for (;;) {
      const unanswered = this.#pass(item, position, answers);
      if (unanswered === "done") break;
      if (unanswered === "turn") await turn();
      else await this.#answer(unanswered, item, answers);
    }
    if (answers.size > 0 && [...answers.values()].every((answer) => answer !== undefined)) {
      this.#saidAt = this.#options.clock.monotonic();
    }
  }

  /** Hands out what is there already. Rights are judged here, at the moment of delivery. */
  #pass(item: Item, position: number, answers: Answers): Member<Item, Event> | "turn" | "done" {
    let handed = 0;
    for (const member of this.#members) {
      if (member.position >= position) continue;
      const variant = member.request.variantOf(item);
      const answer = answers.get(variant);
      if (answer === undefined && !answers.has(variant)) return member;
      if (answer === undefined || member.offer(answer)) member.position = position;
      else this.#expel(member);
      handed += 1;
      if (handed === HANDED_AT_ONCE_MAX) return "turn";
    }
    return "done";
  }

  /** Makes the answer for everybody of a member's variant. */
  async #answer(member: Member<Item, Event>, item: Item, answers: Answers): Promise<void> {
    const variant = member.request.variantOf(item);
    const position = this.#options.positionOf(item);
    try {
      const event = await member.request.eventOf(item);
      const result = event === undefined ? undefined : await member.execute(event);
      if (result?.errors !== undefined) this.#expelBefore(position);
      else answers.set(variant, result === undefined ? undefined : new SharedAnswer(result));
    } catch (error) {
      this.#failBefore(position, error);
    }
  }

  async #beat(): Promise<void> {
    const told = new Set<Member<Item, Event>>();
    const answers = new Map<number, SharedAnswer>();
    for (;;) {
      const member = this.#members.values().find((each) => !told.has(each));
      if (member === undefined) break;
      const { position } = member;
      const result = await member.execute(member.request.beatAt(position));
      if (result.errors === undefined) answers.set(position, new SharedAnswer(result));
      else this.#expelBefore(Number.POSITIVE_INFINITY);
      for (const each of this.#members) {
        const answer = answers.get(each.position);
        if (answer === undefined || told.has(each)) continue;
        told.add(each);
        if (!each.offer(answer)) this.#expel(each);
      }
    }
    this.#beatDue = false;
    this.#saidAt = this.#options.clock.monotonic();
  }

  #beatLater(delayMs: number): void {
    const { clock, beatMs } = this.#options;
    this.#cancelBeat = clock.after(delayMs, () => {
      const leftMs = this.#saidAt + beatMs - clock.monotonic();
      this.#beatLater(leftMs > 0 ? leftMs : beatMs);
      if (leftMs > 0) return;
      this.#beatDue = true;
      this.#run();
    });
  }

  #expelBefore(position: number): void {
    for (const member of this.#members) if (member.position < position) this.#expel(member);
  }

  #expel(member: Member<Item, Event>): void {
    this.leave(member);
    member.expel();
  }

  #failBefore(position: number, error: unknown): void {
    for (const member of this.#members) {
      if (member.position >= position) continue;
      this.leave(member);
      member.fail(error);
    }
  }
}
