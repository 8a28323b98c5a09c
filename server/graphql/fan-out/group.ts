import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";
import type { LiveBatch } from "./live-batch.ts";
import type { Member } from "./member.ts";
import { SharedAnswer } from "./shared-answer.ts";

/** Batches that may wait; more than a busy minute of a large city, and everybody reads the log instead. */
const WAITING_BATCHES_MAX = 1_024;
/** Members that are handed an answer at one go, about ten milliseconds; then others of the process have a turn. */
const HANDED_AT_ONCE_MAX = 1_000;

/** Items that go out together: one write for all of them costs a line about what it costs for one. */
const ITEMS_AT_ONCE_MAX = 32;

/** What a group needs. */
export interface GroupOptions<Item> {
  readonly clock: Clock;
  readonly beatMs: number;
  /** Items up to here were fed before the group listened. */
  readonly position: number;
  readonly positionOf: (item: Item) => number;
}

/** An item that is to be handed out, and its answers by variant; `undefined` where it is not for them. */
interface Wanted<Item> {
  readonly item: Item;
  readonly position: number;
  readonly answers: Map<string, SharedAnswer | undefined>;
}

/** A member in whose name an item's answer is to be made. */
interface Unanswered<Item, Event> {
  readonly member: Member<Item, Event>;
  readonly wanted: Wanted<Item>;
}

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
        const items = batch?.items ?? [];
        for (let at = 0; at < items.length; at += ITEMS_AT_ONCE_MAX) {
          await this.#hand(items.slice(at, at + ITEMS_AT_ONCE_MAX));
        }
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

  async #hand(items: readonly Item[]): Promise<void> {
    const wanted = items.map((item) => ({ item, position: this.#options.positionOf(item), answers: new Map() }));
    // Before anything is waited for: whoever joins from now on must have these items.
    this.#reach(wanted.at(-1)?.position ?? 0);
    for (;;) {
      const unanswered = this.#pass(wanted);
      if (unanswered === "done") break;
      if (unanswered === "turn") await turn();
      else await this.#answer(unanswered.member, unanswered.wanted);
    }
    const isTold = ({ answers }: Wanted<Item>): boolean =>
      answers.size > 0 && [...answers.values()].every((answer) => answer !== undefined);
    if (wanted.some(isTold)) this.#saidAt = this.#options.clock.monotonic();
  }

  /** Hands out what is there already. Rights are judged here, at the moment of delivery. */
  #pass(wanted: readonly Wanted<Item>[]): Unanswered<Item, Event> | "turn" | "done" {
    const last = wanted.at(-1)?.position ?? 0;
    let handed = 0;
    for (const member of this.#members) {
      if (member.position >= last) continue;
      const { answers, reached, next } = answersFor(member, wanted);
      if (answers.length === 0 || member.offer(answers)) member.position = reached;
      else this.#expel(member);
      if (next !== undefined && this.#members.has(member)) return { member, wanted: next };
      handed += answers.length;
      if (handed >= HANDED_AT_ONCE_MAX) return "turn";
    }
    return "done";
  }

  /** Makes the answer for everybody of a member's variant. */
  async #answer(member: Member<Item, Event>, { item, position, answers }: Wanted<Item>): Promise<void> {
    const variant = member.request.variantOf(item);
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
        if (!each.offer([answer])) this.#expel(each);
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

/** What a member can be handed, how far it then is, and the first item whose answer is not there yet. */
function answersFor<Item, Event>(member: Member<Item, Event>, wanted: readonly Wanted<Item>[]) {
  const answers: SharedAnswer[] = [];
  let reached = member.position;
  for (const each of wanted) {
    if (each.position <= reached) continue;
    const variant = member.request.variantOf(each.item);
    const answer = each.answers.get(variant);
    if (answer === undefined && !each.answers.has(variant)) return { answers, reached, next: each };
    if (answer !== undefined) answers.push(answer);
    reached = each.position;
  }
  return { answers, reached, next: undefined };
}
