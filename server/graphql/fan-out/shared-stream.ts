import type { ExecutionResult } from "graphql";
import type { Group } from "./group.ts";
import type { Member } from "./member.ts";
import type { SharedAnswer } from "./shared-answer.ts";
import type { SharedRequest } from "./shared-request.ts";
import type { Subscriber } from "./shared-source.ts";

/** Answers that wait for a reader without a direct line: some seconds of a busy stream. */
const READY_MAX = 256;

/** A shared answer as whoever asks for answers one by one gets it; `stringify` spares putting it into words again. */
interface WordedResult extends ExecutionResult {
  readonly stringify: () => string;
}

/**
 * One subscriber's answers. It reads the log alone until it has caught up with its group, then goes along with it, and
 * alone again whenever the group lets it go, from the very place where it is.
 */
export class SharedStream<Item, Event> implements AsyncIterableIterator<ExecutionResult>, Member<Item, Event> {
  readonly request: SharedRequest<Item, Event>;
  readonly #execute: Subscriber["execute"];
  readonly #direct: Subscriber["direct"];
  readonly #group: Group<Item, Event>;
  readonly #release: () => void;
  position: number;
  #replay: AsyncIterator<Event, number> | undefined;
  #ready: SharedAnswer[] = [];
  #state: "alone" | "along" | "done" = "alone";
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(
    request: SharedRequest<Item, Event>,
    { execute, direct }: Pick<Subscriber, "execute" | "direct">,
    { group, release }: { readonly group: Group<Item, Event>; readonly release: () => void },
  ) {
    this.request = request;
    this.position = request.start;
    this.#execute = execute;
    this.#direct = direct;
    this.#group = group;
    this.#release = release;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    for (;;) {
      const [ready] = this.#ready.splice(0, 1);
      if (ready !== undefined) return { done: false, value: worded(ready) };
      if (this.#failure !== undefined) return await this.#break(this.#failure.error);
      if (this.#state === "done") return { done: true, value: undefined };
      if (this.#state === "along") await this.#untilTold();
      else {
        const value = await this.#readAlone();
        if (value !== undefined) return { done: false, value };
      }
    }
  }

  /** Ends it at once, also while `next` waits. */
  return(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#state !== "done") {
      this.#state = "done";
      this.#ready = [];
      this.#group.leave(this);
      this.#release();
      // Not awaited: a read that is under way would hold up the reader that wants to leave.
      this.#replay?.return?.().then(undefined, () => undefined);
      this.#wake();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  execute(event: Event): Promise<ExecutionResult> {
    return this.#execute(event);
  }

  offer(answers: readonly SharedAnswer[]): boolean {
    if (this.#direct !== undefined) return this.#direct.take(answers);
    if (this.#ready.length >= READY_MAX) return false;
    this.#ready.push(...answers);
    this.#wake();
    return true;
  }

  expel(): void {
    if (this.#state === "along") this.#state = "alone";
    this.#wake();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake();
  }

  /** The next answer out of the log; nothing when the log has ended, and then it perhaps goes along with the group. */
  async #readAlone(): Promise<ExecutionResult | undefined> {
    this.#replay ??= this.request.replay(this.position);
    const step = await this.#replay.next();
    if (this.#state === "done") return undefined;
    if (step.done !== true) return this.execute(step.value);
    this.#replay = undefined;
    this.position = step.value;
    if (this.#group.join(this)) this.#state = "along";
    return undefined;
  }

  #untilTold(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #break(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }
}

function worded(answer: SharedAnswer): WordedResult {
  return { ...answer.result, stringify: () => answer.text };
}
