import { expect, test } from "vitest";
import { failureOf, UNREACHABLE, type GraphqlFailure } from "../graphql/failure.ts";
import { DOOR_EVENTS } from "../feed/documents.ts";
import { openLastingStream, type LastingStreamDeps } from "./lasting-stream.ts";

interface Subscription {
  next(data: unknown): void;
  ended(failure?: GraphqlFailure): void;
}

function isDeps(value: unknown): value is LastingStreamDeps {
  return typeof value === "object" && value !== null && "live" in value;
}

function stream() {
  const subscriptions: Subscription[] = [];
  const pauses: number[] = [];
  const told: string[] = [];
  let open = 0;
  let run: (() => void) | undefined;
  const deps: unknown = {
    live: {
      subscribe: (_document: unknown, _variables: unknown, events: Subscription) => {
        subscriptions.push(events);
        open += 1;
        return () => {
          open -= 1;
          // What a socket does: whoever ends it hears of its end.
          events.ended();
        };
      },
    },
    after: (delayMs: number, again: () => void) => {
      pauses.push(delayMs);
      run = again;
      return () => (run = undefined);
    },
  };
  if (!isDeps(deps)) return expect.unreachable("no session");
  const lasting = openLastingStream(deps, DOOR_EVENTS, {
    variables: () => ({}),
    next: () => told.push("next"),
    lost: ({ code }) => told.push(code),
  });
  const later = (): void => {
    const due = run;
    run = undefined;
    due?.();
  };
  return { lasting, subscriptions, pauses, told, later, openCount: () => open, isPlanned: () => run !== undefined };
}

test("a stream that the hub ended is asked for again, later and later up to half a minute, until something comes", () => {
  const { subscriptions, pauses, told, later, openCount } = stream();
  for (let n = 0; n < 7; n += 1) {
    subscriptions.at(-1)?.ended(failureOf("HUB_OUTDATED", ""));
    expect(openCount()).toBe(0);
    later();
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  subscriptions.at(-1)?.next({});
  subscriptions.at(-1)?.ended();
  expect(pauses.at(-1)).toBe(1_000);
  expect(told.slice(-2)).toEqual(["next", "ENDED"]);
});

test("asked for at once it is not asked for twice, and an older subscription says nothing more", () => {
  const { lasting, subscriptions, told, openCount, isPlanned } = stream();
  subscriptions[0]?.ended(UNREACHABLE);
  lasting.again();
  expect(isPlanned()).toBe(false);
  subscriptions[0]?.next({});
  expect(told).toEqual(["UNREACHABLE"]);
  expect(openCount()).toBe(1);
});

test("one that is ended, or whose session has ended, is asked for no more", () => {
  const ended = stream();
  ended.lasting.end();
  expect([ended.openCount(), ended.told, ended.isPlanned()]).toEqual([0, [], false]);
  const signedOut = stream();
  signedOut.subscriptions[0]?.ended(failureOf("SESSION_EXPIRED", ""));
  expect([signedOut.told, signedOut.isPlanned()]).toEqual([["SESSION_EXPIRED"], false]);
});
