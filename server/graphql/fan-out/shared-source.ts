import type { ExecutionResult } from "graphql";
import type { SharedAnswer } from "./shared-answer.ts";

/** A transport that takes answers without being asked for each. */
export interface DirectLine {
  /** Takes answers, in order; `false`, and nothing taken, while the reader at the other end is too slow. */
  take(answers: readonly SharedAnswer[]): boolean;
}

/** What a subscriber brings to a source that others share. */
export interface Subscriber {
  /** What is asked for: document, operation and variables as text. */
  readonly operation: string;
  /** Executes the operation on an event, as this subscriber. */
  readonly execute: (event: unknown) => Promise<ExecutionResult>;
  /** Where it can be handed answers at once; absent, it asks for each. */
  readonly direct?: DirectLine | undefined;
}

/**
 * A stream of events whose live part several subscribers may share. Read as an iterator it is a stream of its own;
 * attached, its subscriber gets answers that were perhaps made for another. One or the other, once.
 */
export abstract class SharedSource<Event = unknown> implements AsyncIterableIterator<Event> {
  /** Answers to the subscriber's operation; those given to its direct line don't come here. */
  abstract attach(subscriber: Subscriber): AsyncIterableIterator<ExecutionResult>;
  abstract next(): Promise<IteratorResult<Event>>;
  abstract return(): Promise<IteratorResult<Event>>;

  [Symbol.asyncIterator](): this {
    return this;
  }
}
