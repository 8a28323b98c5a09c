import type { ExecutionResult } from "graphql";
import { expect, test, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { dice } from "../../simulation/rights-world.ts";
import type { LiveBatch } from "./live-batch.ts";
import { FanOut } from "./fan-out.ts";
import type { SharedAnswer } from "./shared-answer.ts";
import type { SharedRequest } from "./shared-request.ts";
import type { DirectLine } from "./shared-source.ts";

const SEED = Number(process.env.PORTNER_TEST_SEED ?? 20_261_122);
const ROUNDS = Number(process.env.PORTNER_TEST_FAN_OUT_ROUNDS ?? 400);
const BEAT_MS = 60_000;

interface Item {
  readonly position: number;
  readonly lock: number;
}

/** A journal in memory with a tail that may lag behind it. */
class Log {
  readonly items: Item[] = [];
  readonly #listeners = new Set<(batch: LiveBatch<Item>) => void>();
  position = 0;

  append(lock: number): void {
    this.items.push({ position: this.items.length + 1, lock });
  }

  /** Feeds up to so many items more. */
  feed(count: number): void {
    const items = this.items.slice(this.position, this.position + count);
    this.position += items.length;
    for (const listener of [...this.#listeners]) listener({ items, position: this.position });
  }

  connect(listener: (batch: LiveBatch<Item>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listening(): number {
    return this.#listeners.size;
  }
}

function world() {
  const log = new Log();
  const fanOut = new FanOut<Item, number>({ clock: systemClock, feed: log, positionOf: ({ position }) => position });
  const counts = { executed: 0 };
  return { log, fanOut, counts };
}
type World = ReturnType<typeof world>;

interface ReaderOptions {
  readonly scope?: string;
  readonly start?: number;
  readonly beatMs?: number;
  /** Whether it is handed answers rather than asks for them. */
  readonly direct?: boolean;
  readonly execute?: (event: number) => ExecutionResult;
}

/** A subscriber that keeps what it gets; locks in `jobs` it sees more of, locks in `hidden` not at all. */
class Reader {
  readonly got: string[] = [];
  readonly jobs = new Set<number>();
  readonly hidden: ReadonlySet<number>;
  readonly start: number;
  stalled = false;
  failure: unknown;
  ended = false;
  readonly #answers: AsyncIterableIterator<ExecutionResult>;

  constructor({ log, fanOut, counts }: World, options: ReaderOptions = {}) {
    const { scope = "all", start = log.items.length, direct = true, beatMs = BEAT_MS } = options;
    this.hidden = new Set(scope === "some" ? [1, 2] : []);
    this.start = start;
    const request: SharedRequest<Item, number> = {
      ...{ scope, start, beatMs },
      variantOf: ({ lock }) => (this.jobs.has(lock) ? "job" : ""),
      eventOf: ({ position, lock }) => Promise.resolve(this.hidden.has(lock) ? undefined : position),
      beatAt: (position) => -position,
      replay: (after) => replay(log, this, after),
      alone: () => neverEnding(),
    };
    const execute = (event: unknown): Promise<ExecutionResult> => {
      counts.executed += 1;
      const place = Number(event);
      const result = options.execute?.(place) ?? { data: { text: this.wording(place) } };
      return new Promise((resolve) => queueMicrotask(() => resolve(result)));
    };
    const line: DirectLine = { take: (answers) => this.#take(answers) };
    const subscriber = { operation: "op", execute, ...(direct ? { direct: line } : {}) };
    this.#answers = fanOut.open(request).attach(subscriber);
    this.#read(log).catch((error: unknown) => {
      this.failure = error;
    });
  }

  wording(place: number): string {
    const lock = Math.abs(place) % 7;
    return `${place}${this.jobs.has(lock) ? " with the name" : ""}`;
  }

  expected(log: Log): string[] {
    const after = log.items.slice(this.start).filter(({ lock }) => !this.hidden.has(lock));
    return after.map(({ position }) => this.wording(position));
  }

  async leave(): Promise<void> {
    await this.#answers.return?.();
  }

  #take(answers: readonly SharedAnswer[]): boolean {
    if (this.stalled) return false;
    for (const { result } of answers) this.#keep(result);
    return true;
  }

  #keep({ data, errors }: ExecutionResult): void {
    this.got.push(errors === undefined ? String(data?.["text"]) : "error");
  }

  async #read(log: Log): Promise<void> {
    for await (const answer of this.#answers) {
      this.#keep(answer);
      // A stalled reader does not ask for more, as a socket that does not drain.
      await vi.waitUntil(() => !this.stalled, { timeout: 10_000, interval: 1 });
    }
    this.ended = log.listening >= 0;
  }
}

async function* replay(log: Log, reader: Reader, after: number): AsyncGenerator<number, number> {
  await Promise.resolve();
  const page = log.items.slice(after);
  for (const { position, lock } of page) if (!reader.hidden.has(lock)) yield position;
  return after + page.length;
}

async function* neverEnding(): AsyncGenerator<number> {
  await new Promise(() => undefined);
  yield 0;
}

async function untilTold(readers: readonly Reader[], log: Log): Promise<void> {
  log.feed(Number.MAX_SAFE_INTEGER);
  const behind = () => readers.filter((reader) => reader.got.length < reader.expected(log).length);
  await vi.waitUntil(() => behind().length === 0, { timeout: 5_000, interval: 1 });
}

test("shared streams give each what a stream of its own would, whoever joins, leaves, stalls or gains a right", async () => {
  console.info(`seed ${SEED}`);
  const roll = dice(SEED);
  const all = world();
  const { log } = all;
  let readers: Reader[] = [];
  const settled: Reader[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const what = roll(10);
    if (what < 3 && readers.length < 40) {
      const start = Math.max(0, log.items.length - roll(30));
      readers.push(new Reader(all, { scope: roll(3) === 0 ? "some" : "all", start, direct: roll(2) === 0 }));
    } else if (what === 3 && readers.length > 0) {
      const [gone] = readers.splice(roll(readers.length), 1);
      await gone?.leave();
      const had = gone?.got.length ?? 0;
      expect(gone?.got).toEqual(gone?.expected(log).slice(0, had));
      if (gone !== undefined) settled.push(gone);
    } else if (what === 4) {
      for (const reader of readers) reader.stalled = roll(4) === 0;
    } else if (what === 5 && round % 5 === 0) {
      // What was said is said; a right counts from what comes next, so everybody is told first.
      for (const reader of readers) reader.stalled = false;
      await untilTold(readers, log);
      for (const reader of readers) expect(reader.got).toEqual(reader.expected(log));
      await Promise.all(readers.map((reader) => reader.leave()));
      readers = readers.map(({ hidden }) => new Reader(all, { scope: hidden.size > 0 ? "some" : "all" }));
      for (const reader of readers) if (roll(3) === 0) reader.jobs.add(roll(7));
    } else {
      for (let n = roll(20); n >= 0; n -= 1) log.append((log.items.length + 1) % 7);
      log.feed(roll(25));
    }
    if (roll(3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const reader of readers) reader.stalled = false;
  await untilTold(readers, log);
  for (const reader of readers) expect([reader.failure, reader.got]).toEqual([undefined, reader.expected(log)]);
  const sizes = settled.map(({ got }) => got.length);
  await Promise.all(readers.map((reader) => reader.leave()));
  for (let n = 0; n < 10; n += 1) log.append(3);
  log.feed(10);
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled.map(({ got }) => got.length)).toEqual(sizes);
  expect([all.fanOut.groups, log.listening]).toEqual([0, 0]);
});

test("a hundred with the same rights cost one execution an event, and those with a right of their own one more", async () => {
  const all = world();
  const readers = Array.from({ length: 100 }, (_, n) => new Reader(all, { direct: n % 2 === 0 }));
  for (const reader of readers.slice(0, 10)) reader.jobs.add(3);
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (let n = 1; n <= 14; n += 1) all.log.append(n % 7);
  await untilTold(readers, all.log);
  for (const reader of readers) expect(reader.got).toEqual(reader.expected(all.log));
  expect(readers[0]?.got[2]).toBe("3 with the name");
  expect(readers[10]?.got[2]).toBe("3");
  expect(all.counts.executed).toBe(14 + 2);
});

test("who stalls is left behind alone, and reads on from there", async () => {
  const all = world();
  const [slow, quick] = [new Reader(all), new Reader(all)];
  await new Promise((resolve) => setTimeout(resolve, 20));
  slow.stalled = true;
  for (let n = 0; n < 50; n += 1) all.log.append(4);
  await untilTold([quick], all.log);
  // It asked once more before it stalled, and no further.
  expect(slow.got.length).toBeLessThanOrEqual(1);
  slow.stalled = false;
  await untilTold([slow, quick], all.log);
  expect([slow.got, quick.got]).toEqual([slow.expected(all.log), quick.expected(all.log)]);
});

test("an answer with an error is given to nobody in another's name", async () => {
  const all = world();
  let failing = true;
  const faulty = (): ExecutionResult => ({ errors: [], data: { text: "mine" } });
  const readers = [1, 2].map(
    () => new Reader(all, { execute: (event) => (failing ? faulty() : { data: { text: `${event}` } }) }),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  all.log.append(1);
  all.log.feed(1);
  await vi.waitUntil(() => readers.every(({ got }) => got.length === 1));
  // Once together in vain, then each alone.
  expect([readers.map(({ got }) => got), all.counts.executed]).toEqual([[["error"], ["error"]], 3]);
  failing = false;
  all.log.append(2);
  all.log.feed(1);
  await vi.waitUntil(() => readers.every(({ got }) => got.length === 2));
  expect(all.counts.executed).toBe(4);
});

test("silence is told to all by one beat", async () => {
  const all = world();
  const readers = [1, 2, 3].map(() => new Reader(all, { beatMs: 40, start: 0 }));
  await vi.waitUntil(() => readers.every(({ got }) => got.length >= 2));
  expect(new Set(readers.flatMap(({ got }) => got))).toEqual(new Set(["0"]));
  expect(all.counts.executed).toBeLessThan(6);
  await Promise.all(readers.map((reader) => reader.leave()));
});

test("a failure of the source ends every stream with it", async () => {
  const log = new Log();
  const fanOut = new FanOut<Item, number>({ clock: systemClock, feed: log, positionOf: ({ position }) => position });
  const request: SharedRequest<Item, number> = {
    ...{ scope: "all", start: 0, beatMs: BEAT_MS },
    variantOf: () => "",
    eventOf: () => Promise.reject(new PortnerError("HUB_OUTDATED", "a newer hub wrote this")),
    beatAt: (position) => position,
    replay: async function* () {
      yield* [];
      return log.items.length;
    },
    alone: () => neverEnding(),
  };
  const streams = [1, 2].map(() =>
    fanOut.open(request).attach({ operation: "op", execute: () => Promise.resolve({}) }),
  );
  const nexts = streams.map((stream) => stream.next());
  await new Promise((resolve) => setTimeout(resolve, 20));
  log.append(1);
  log.feed(1);
  for (const next of nexts) await expect(next).rejects.toMatchObject({ code: "HUB_OUTDATED" });
  expect([fanOut.groups, log.listening]).toEqual([0, 0]);
});
