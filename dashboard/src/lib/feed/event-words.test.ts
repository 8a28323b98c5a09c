import { expect, test } from "vitest";
import type { FeedEvent } from "./documents.ts";
import { edgeAt } from "./feed-examples.ts";
import { wordsOf } from "./event-words.ts";

const { node: opened } = edgeAt(1);

function detailOf(event: object): string {
  const whole: unknown = { ...opened, ...event };
  return isEvent(whole) ? wordsOf(whole, "da").detail : expect.unreachable("an example is no event");
}
function isEvent(value: unknown): value is FeedEvent {
  return typeof value === "object" && value !== null && "__typename" in value;
}

test("what the lock refused is counted in words", () => {
  const counts = [
    { reason: "BELOW_FLOOR", count: 3 },
    { reason: "DENIED", count: 1 },
  ];
  expect(detailOf({ __typename: "RefusedAtDoor", counts })).toBe(
    "3 × ældre end det, låsen tager imod, 1 × enheden er spærret",
  );
});

test.each(["SEQUENCE_JUMP", "CONTENT_CONFLICT", "BOOT_REVERSED", "FLOOD"])(
  "a lock is quarantined for %s in words",
  (cause) => {
    const detail = detailOf({ __typename: "LockQuarantined", cause });
    expect(detail).not.toBe("");
    expect(detail).not.toMatch(/[A-Z]{3}|_/);
  },
);

test("a command that failed says why in words, and nothing where nothing more is known", () => {
  expect(detailOf({ __typename: "CommandSettled", state: "REJECTED", detail: "CLOCK_UNTRUSTED" })).toBe(
    "låsen stoler ikke på sit ur",
  );
  expect(detailOf({ __typename: "CommandSettled", state: "ABANDONED", detail: "LOCK_OFFLINE" })).toBe(
    "låsen svarer ikke",
  );
  expect(detailOf({ __typename: "CommandSettled", state: "EXPIRED", detail: null })).toBe("");
});

test("one lost event is one", () => {
  expect(detailOf({ __typename: "EventsLost", from: 7, to: 7 })).toBe("1 hændelse overskrevet, før den blev hentet");
  expect(detailOf({ __typename: "EventsLost", from: 1, to: 1_200 })).toMatch(/^1\.200 hændelser/);
});
