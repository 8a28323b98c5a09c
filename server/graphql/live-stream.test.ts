import { expect, test } from "vitest";
import type { Clock } from "../kernel/clock.ts";
import { LiveStream } from "./live-stream.ts";

/** A clock whose timers run when the test says so. */
function handClock(): { clock: Clock; pass: () => void; pending: () => number } {
  const tasks = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (_delayMs, task) => {
      tasks.add(task);
      return () => void tasks.delete(task);
    },
  };
  const pass = (): void => {
    for (const task of [...tasks]) {
      tasks.delete(task);
      task();
    }
  };
  return { clock, pass, pending: () => tasks.size };
}

function stream(bufferMax = 3) {
  const hand = handClock();
  const state = { connected: 0, feed: (_event: number): void => undefined };
  const live = new LiveStream<number>({
    clock: hand.clock,
    bufferMax,
    connect: (feed) => {
      state.connected += 1;
      state.feed = feed;
      return () => {
        state.connected -= 1;
      };
    },
  });
  const take = async (): Promise<unknown> => {
    const { done, value } = await live.next();
    return done === true ? "done" : value.kind === "event" ? value.event : value.kind;
  };
  return { live, take, state, ...hand };
}

test("it gives what it is fed in order, waiting or not", async () => {
  const { take, state } = stream();
  state.feed(1);
  state.feed(2);
  expect([await take(), await take()]).toEqual([1, 2]);
  const waiting = take();
  state.feed(3);
  expect(await waiting).toBe(3);
});

test("it beats while nothing comes, and not while something does", async () => {
  const { take, pass, pending, state } = stream();
  const waiting = take();
  pass();
  expect(await waiting).toBe("beat");
  const next = take();
  state.feed(1);
  expect(await next).toBe(1);
  expect(pending()).toBe(0);
});

test("a reader that falls behind is told once that it missed events, and then hears what comes after", async () => {
  const { take, state } = stream(3);
  for (const event of [1, 2, 3, 4, 5]) state.feed(event);
  expect(await take()).toBe("missed");
  state.feed(6);
  expect(await take()).toBe(6);
});

test("returning it lets go of the source at once, also while a read waits, and for good", async () => {
  const { live, take, state, pending } = stream();
  const waiting = take();
  await live.return();
  expect([await waiting, state.connected, pending()]).toEqual(["done", 0, 0]);
  await live.return();
  state.feed(1);
  expect([await take(), state.connected]).toEqual(["done", 0]);
});

test("what is fed several at once counts as several against the buffer", async () => {
  const state = { feed: (_batch: readonly number[]): void => undefined };
  const live = new LiveStream<readonly number[]>({
    clock: handClock().clock,
    bufferMax: 5,
    sizeOf: (batch) => batch.length,
    connect: (feed) => {
      state.feed = feed;
      return () => undefined;
    },
  });
  const take = async (): Promise<unknown> => (await live.next()).value;
  state.feed([1, 2, 3]);
  state.feed([4, 5]);
  expect(await take()).toEqual({ kind: "event", event: [1, 2, 3] });
  state.feed([6, 7, 8]);
  expect(await take()).toEqual({ kind: "event", event: [4, 5] });
  state.feed([9, 10, 11]);
  expect(await take()).toEqual({ kind: "missed" });
  state.feed([12]);
  expect(await take()).toEqual({ kind: "event", event: [12] });
});
