import type { ExecutionResult } from "graphql";
import type { Clock } from "../../kernel/clock.ts";
import { Group } from "./group.ts";
import type { LiveFeed, SharedRequest } from "./shared-request.ts";
import { SharedSource, type Subscriber } from "./shared-source.ts";
import { SharedStream } from "./shared-stream.ts";

/** What a fan-out needs. */
export interface FanOutOptions<Item> {
  readonly clock: Clock;
  readonly feed: LiveFeed<Item>;
  readonly positionOf: (item: Item) => number;
}

interface Gathering<Item, Event> {
  readonly key: string;
  readonly group: Group<Item, Event>;
  readonly disconnect: () => void;
  streams: number;
}

/**
 * Brings together the subscribers of one kind of stream that ask for the same with the same rights, so that each event is
 * executed and framed once for all of them.
 */
export class FanOut<Item, Event> {
  readonly #options: FanOutOptions<Item>;
  readonly #gatherings = new Map<string, Gathering<Item, Event>>();

  constructor(options: FanOutOptions<Item>) {
    this.#options = options;
  }

  /** How many different streams there are now, over all their subscribers. */
  get groups(): number {
    return this.#gatherings.size;
  }

  /** A source for the engine. */
  open(request: SharedRequest<Item, Event>): SharedSource<Event> {
    return new Shareable(request, (subscriber) => this.#attach(request, subscriber));
  }

  #attach(request: SharedRequest<Item, Event>, subscriber: Subscriber): AsyncIterableIterator<ExecutionResult> {
    const key = JSON.stringify([request.scope, request.beatMs, subscriber.operation]);
    const gathering = this.#gatherings.get(key) ?? this.#gather(key, request.beatMs);
    gathering.streams += 1;
    const release = (): void => {
      gathering.streams -= 1;
      if (gathering.streams > 0) return;
      gathering.disconnect();
      this.#gatherings.delete(gathering.key);
    };
    return new SharedStream(request, subscriber, { group: gathering.group, release });
  }

  #gather(key: string, beatMs: number): Gathering<Item, Event> {
    const { clock, feed, positionOf } = this.#options;
    const group = new Group<Item, Event>({ clock, beatMs, position: feed.position, positionOf });
    const gathering = { key, group, disconnect: feed.connect(group.take), streams: 0 };
    this.#gatherings.set(key, gathering);
    return gathering;
  }
}

class Shareable<Item, Event> extends SharedSource<Event> {
  readonly #request: SharedRequest<Item, Event>;
  readonly #attach: (subscriber: Subscriber) => AsyncIterableIterator<ExecutionResult>;
  #own: AsyncIterableIterator<Event> | undefined;

  constructor(
    request: SharedRequest<Item, Event>,
    attach: (subscriber: Subscriber) => AsyncIterableIterator<ExecutionResult>,
  ) {
    super();
    this.#request = request;
    this.#attach = attach;
  }

  override attach(subscriber: Subscriber): AsyncIterableIterator<ExecutionResult> {
    return this.#attach(subscriber);
  }

  override next(): Promise<IteratorResult<Event>> {
    this.#own ??= this.#request.alone();
    return this.#own.next();
  }

  override async return(): Promise<IteratorResult<Event>> {
    await this.#own?.return?.();
    return { done: true, value: undefined };
  }
}
