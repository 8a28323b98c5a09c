import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from "graphql";
import { SharedSource, type DirectLine } from "./fan-out/shared-source.ts";

/** What subscribing gives: a stream of answers, or the answer that there is none. */
export type Subscribed = AsyncIterableIterator<ExecutionResult> | ExecutionResult;

/** What {@link subscribeEachEvent} needs beside the arguments of the operation. */
export interface EachEvent {
  /** A context of its own for each event: loaders and authorisation must not remember the last one. */
  readonly freshContext: () => unknown;
  readonly execute: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;
  /** Where answers that are made for many can be handed at once; absent: each is asked for. */
  readonly direct?: DirectLine | undefined;
  /** Aborts when nobody listens any more; then the source is returned, even while it is being waited for. */
  readonly gone: AbortSignal;
  /** Called once, when the stream has ended or never began. */
  readonly onEnd: () => void;
}

/** Subscribes, and executes every event on its own, or once for all who share its source. */
export async function subscribeEachEvent(args: ExecutionArgs, each: EachEvent): Promise<Subscribed> {
  let source: AsyncIterable<unknown> | ExecutionResult;
  try {
    // In a context of its own: what authorisation remembers with it would stay for as long as the stream does.
    source = await createSourceEventStream({ ...args, contextValue: each.freshContext() });
  } catch (error) {
    each.onEnd();
    throw error;
  }
  if (!(Symbol.asyncIterator in source)) {
    each.onEnd();
    return source;
  }
  const answers = new AnswerStream(answersTo(source, args, each), each);
  if (each.gone.aborted) await answers.return();
  return answers;
}

function answersTo(
  source: AsyncIterable<unknown>,
  args: ExecutionArgs,
  each: EachEvent,
): AsyncIterator<ExecutionResult> {
  const execute = async (rootValue: unknown): Promise<ExecutionResult> =>
    each.execute({ ...args, rootValue, contextValue: each.freshContext() });
  const operation = operationOf(args);
  if (source instanceof SharedSource && operation !== undefined) {
    return source.attach({ operation, execute, direct: each.direct });
  }
  return new OwnAnswers(source[Symbol.asyncIterator](), execute);
}

/** What is asked for, as text; nothing where the document's own text is not at hand. */
function operationOf({ document, operationName, variableValues }: ExecutionArgs): string | undefined {
  const text = document.loc?.source.body;
  return text === undefined ? undefined : JSON.stringify([operationName ?? null, variableValues ?? {}, text]);
}

class OwnAnswers implements AsyncIterator<ExecutionResult> {
  readonly #source: AsyncIterator<unknown>;
  readonly #execute: (event: unknown) => Promise<ExecutionResult>;

  constructor(source: AsyncIterator<unknown>, execute: (event: unknown) => Promise<ExecutionResult>) {
    this.#source = source;
    this.#execute = execute;
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    const event = await this.#source.next();
    if (event.done === true) return { done: true, value: undefined };
    return { done: false, value: await this.#execute(event.value) };
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    await this.#source.return?.();
    return { done: true, value: undefined };
  }
}

const DONE = { done: true, value: undefined } as const;

/** Answers that end at once when nobody listens any more, whatever their source is at. */
class AnswerStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #answers: AsyncIterator<ExecutionResult>;
  readonly #each: EachEvent;
  #leave: () => void = () => undefined;
  #done = false;

  constructor(answers: AsyncIterator<ExecutionResult>, each: EachEvent) {
    this.#answers = answers;
    this.#each = each;
    each.gone.addEventListener("abort", this.#onGone, { once: true });
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#done) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.#leave = () => resolve(DONE);
      this.#answers.next().then(
        (answer) => {
          if (this.#done || answer.done !== true) return resolve(this.#done ? DONE : answer);
          this.return().then(resolve, reject);
        },
        (error: unknown) => {
          reject(error);
          void this.return();
        },
      );
    });
  }

  return(): Promise<IteratorResult<ExecutionResult>> {
    if (!this.#done) {
      this.#done = true;
      this.#each.gone.removeEventListener("abort", this.#onGone);
      this.#leave();
      this.#each.onEnd();
      // Not awaited: a source that waits for its next event would hold up the reader that wants to leave.
      this.#answers.return?.().then(undefined, () => undefined);
    }
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #onGone = (): void => {
    void this.return();
  };
}
