import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from "graphql";

/** What subscribing gives: a stream of answers, or the answer that there is none. */
export type Subscribed = AsyncIterableIterator<ExecutionResult> | ExecutionResult;

/** What {@link subscribeEachEvent} needs beside the arguments of the operation. */
export interface EachEvent {
  /** A context of its own for each event: loaders and authorisation must not remember the last one. */
  readonly freshContext: () => unknown;
  readonly execute: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
  /** Aborts when nobody listens any more; then the source is returned, even while it is being waited for. */
  readonly gone: AbortSignal;
  /** Called once, when the stream has ended or never began. */
  readonly onEnd: () => void;
}

/** Subscribes, and executes every event on its own. */
export async function subscribeEachEvent(args: ExecutionArgs, each: EachEvent): Promise<Subscribed> {
  let source: AsyncIterable<unknown> | ExecutionResult;
  try {
    source = await createSourceEventStream(args);
  } catch (error) {
    each.onEnd();
    throw error;
  }
  if (!(Symbol.asyncIterator in source)) {
    each.onEnd();
    return source;
  }
  const answers = new AnswerStream(source[Symbol.asyncIterator](), args, each);
  if (each.gone.aborted) await answers.return();
  return answers;
}

class AnswerStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<unknown>;
  readonly #args: ExecutionArgs;
  readonly #each: EachEvent;
  readonly #ended: Promise<"ended">;
  #end: () => void = () => undefined;
  #done = false;

  constructor(source: AsyncIterator<unknown>, args: ExecutionArgs, each: EachEvent) {
    this.#source = source;
    this.#args = args;
    this.#each = each;
    this.#ended = new Promise((resolve) => {
      this.#end = () => resolve("ended");
    });
    each.gone.addEventListener("abort", this.#onGone, { once: true });
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#done) return { done: true, value: undefined };
    try {
      const event = await Promise.race([this.#source.next(), this.#ended]);
      if (event === "ended" || event.done === true) return await this.return();
      const contextValue = this.#each.freshContext();
      const value = await this.#each.execute({ ...this.#args, rootValue: event.value, contextValue });
      return this.#done ? { done: true, value: undefined } : { done: false, value };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    if (!this.#done) {
      this.#done = true;
      this.#each.gone.removeEventListener("abort", this.#onGone);
      this.#end();
      this.#each.onEnd();
      // Not awaited: a source that waits for its next event would hold up the reader that wants to leave.
      this.#source.return?.().then(undefined, () => undefined);
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onGone = (): void => {
    void this.return();
  };
}
