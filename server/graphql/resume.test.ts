import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { LiveBatch } from "./fan-out/live-batch.ts";
import { resume, type ResumedItem } from "./resume.ts";

/** A log of even numbers; odd positions hold entries that are none of this reader's. */
class Log {
  head = 0;
  listeners = new Set<(batch: LiveBatch<number>) => void>();
  pageSize = 4;

  write(count: number): void {
    const items: number[] = [];
    for (let i = 0; i < count; i += 1) if ((this.head += 1) % 2 === 0) items.push(this.head);
    for (const feed of this.listeners) feed({ items, position: this.head });
  }

  async read(after: number) {
    await turn();
    const position = Math.min(this.head, after + this.pageSize);
    const items = Array.from({ length: position - after }, (_, i) => after + 1 + i).filter((seq) => seq % 2 === 0);
    await turn();
    return { items, position, caughtUp: position >= this.head };
  }

  follow(after: number, bufferMax: number): AsyncIterableIterator<ResumedItem<number>> {
    return resume<number>({
      after,
      bufferMax,
      clock: systemClock,
      positionOf: (item) => item,
      read: (from) => this.read(from),
      connect: (feed) => {
        this.listeners.add(feed);
        return () => void this.listeners.delete(feed);
      },
    });
  }
}

test("from any position, at any pace, with any buffer, every item comes once and in order", async () => {
  const step = fc.oneof(
    fc.record({ write: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 4 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.nat(12),
      fc.integer({ min: 1, max: 4 }),
      async (steps, before, bufferMax) => {
        const log = new Log();
        log.write(before);
        const after = Math.floor(before / 2);
        const stream = log.follow(after, bufferMax);
        const seen: number[] = [];
        const left = (): number => Math.floor(log.head / 2) - Math.floor(after / 2) - seen.length;
        const takeOne = async (): Promise<void> => {
          const { value } = await stream.next();
          if (value !== undefined && value.item !== null) seen.push(value.item);
        };
        for (const each of steps) {
          if ("write" in each) log.write(each.write);
          else for (let i = 0; i < each.take && left() > 0; i += 1) await takeOne();
          await turn();
        }
        while (left() > 0) await takeOne();
        const expected = Array.from({ length: log.head - after }, (_, i) => after + 1 + i).filter(
          (seq) => seq % 2 === 0,
        );
        expect(seen).toEqual(expected);
        await stream.return?.();
        expect(log.listeners.size).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});

test("it says what was replayed and what was heard live", async () => {
  const log = new Log();
  log.write(2);
  const stream = log.follow(0, 9);
  expect((await stream.next()).value).toEqual({ item: 2, position: 2, replayed: true });
  const next = stream.next();
  await turn();
  await turn();
  log.write(2);
  expect((await next).value).toMatchObject({ item: 4, position: 4 });
  await stream.return?.();
});

test("returning it while it waits lets go of the source at once", async () => {
  const log = new Log();
  const stream = log.follow(0, 9);
  const waiting = stream.next();
  await stream.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(log.listeners.size).toBe(0);
});

test("a log that can't be read ends the stream with that failure, and lets go", async () => {
  const log = new Log();
  log.read = () => Promise.reject(new PortnerError("AWAY", "the log is away"));
  const stream = log.follow(0, 9);
  await expect(stream.next()).rejects.toMatchObject({ code: "AWAY" });
  expect(log.listeners.size).toBe(0);
});
