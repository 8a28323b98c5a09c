import { expect, test } from "vitest";
import { UNREACHABLE, failureOf, type GraphqlFailure } from "../graphql/index.ts";
import { Press, type PressDeps, type PressState } from "./press.svelte.ts";

type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: GraphqlFailure };

const LOST: Answer = { ok: false, failure: UNREACHABLE };
const answers = (openDoor: object): Answer => ({ ok: true, value: { openDoor } });
const operation = (outcome: string, state: string): Answer =>
  answers({
    __typename: "OpenDoorSuccess",
    operation: {
      ...{ id: "o", outcome, createdAt: "", skippedDoors: 0, locks: [{ id: "l" }], stoppedAt: null },
      commands: [{ id: "c", state, detail: null, decidedAt: "", expiresAt: "", lock: { id: "l" } }],
    },
  });

/** A press whose hub gives these answers, the last one for ever; its clock goes on by what is waited. */
function pressWith(script: readonly Answer[], mayAgain = false) {
  const asked: { readonly idempotencyKey: string; readonly waitMs: number; readonly notAfter: string }[] = [];
  const seen: PressState[] = [];
  const leaving = new AbortController();
  let nowMs = 0;
  let keys = 0;
  const line: unknown = {
    request: (_document: unknown, { input }: { readonly input: (typeof asked)[number] }) => {
      asked.push(input);
      nowMs += 10;
      return Promise.resolve(script[Math.min(asked.length, script.length) - 1]);
    },
  };
  const deps: PressDeps = {
    line: isLine(line) ? line : NO_LINE,
    phone: { kept: undefined, failed: () => Promise.resolve(mayAgain) },
    newKey: () => `key-${(keys += 1)}`,
    hubMs: () => 1_000_000 + nowMs,
    leaving: leaving.signal,
    monotonicMs: () => nowMs,
    wait: (durationMs) => {
      seen.push(press.state);
      nowMs += durationMs;
      return Promise.resolve();
    },
  };
  const press: Press = new Press("path", deps);
  return { press, asked, seen, leaving };
}

const NO_LINE: PressDeps["line"] = { request: () => Promise.resolve({ ok: false, failure: UNREACHABLE }) };
function isLine(value: unknown): value is PressDeps["line"] {
  return typeof value === "object" && value !== null && "request" in value;
}

test("one key for all that is asked of one press; the first answer comes at once, the others wait for the door", async () => {
  const { press, asked } = pressWith([operation("running", "SENT"), operation("complete", "OPENED")]);
  await press.open();
  expect(asked.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["key-1", "key-1"]);
  expect(asked.map(({ waitMs }) => waitMs)).toEqual([0, 1_000]);
  expect([press.isUnderWay, press.endedAtMs]).toEqual([false, 1_000_020]);
});

test("a press while one is under way does nothing; one after its end is a new one", async () => {
  const { press, asked } = pressWith([operation("running", "SENT"), operation("complete", "OPENED")]);
  await Promise.all([press.open(), press.open(), press.open()]);
  await press.open();
  expect(asked.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["key-1", "key-1", "key-2"]);
});

test("a line that goes in the middle keeps the door's last word as one not heard, and goes on with the same key", async () => {
  const { press, asked, seen } = pressWith([operation("running", "SENT"), LOST, LOST, operation("complete", "OPENED")]);
  await press.open();
  expect(seen.map((state) => state.kind === "followed" && state.heard)).toEqual([false, false]);
  expect(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  expect(press.state).toMatchObject({ kind: "followed", heard: true });
});

test("a hub that can't look just now takes nothing back", async () => {
  const away = answers({ __typename: "UnavailableError", code: "JOURNAL_UNAVAILABLE" });
  const { press, seen } = pressWith([operation("running", "SENT"), away, operation("complete", "OPENED")]);
  await press.open();
  expect(seen).toMatchObject([{ kind: "followed", heard: false }]);
  expect(press.state).toMatchObject({ kind: "followed", heard: true });
});

test("all that is asked of one press ends when it does: ten seconds after it, by the hub's time", async () => {
  const { press, asked } = pressWith([LOST]);
  await press.open();
  expect(new Set(asked.map(({ notAfter }) => notAfter))).toEqual(new Set([new Date(1_010_000).toISOString()]));
});

test("what was never answered is not known after a quarter of a minute, and asked on until it is", async () => {
  const lost = Array.from({ length: 30 }, () => LOST);
  const { press, seen } = pressWith([...lost, operation("complete", "OPENED")]);
  await press.open();
  const kinds = seen.map(({ kind }) => kind);
  expect(kinds.indexOf("unknown")).toBeGreaterThan(12);
  expect(kinds.indexOf("unknown")).toBeLessThan(17);
  expect(press.state.kind).toBe("followed");
  // It opened about when it was pressed, not when the line came back.
  expect(press.endedAtMs).toBeLessThan(1_017_000);
});

test("who has left the page asks no more", async () => {
  const { press, asked, leaving } = pressWith([operation("partial", "UNKNOWN")]);
  leaving.abort();
  await press.open();
  expect(asked).toHaveLength(1);
});

test("a press that came too late has opened nothing, and says so", async () => {
  const tooLate = answers({ __typename: "ConflictError", code: "TOO_LATE" });
  const { press } = pressWith([...Array.from({ length: 20 }, () => LOST), tooLate]);
  await press.open();
  expect(press.state).toEqual({ kind: "refused", code: "TOO_LATE" });
});

test("a refusal of a question is no word on the press that it was about", async () => {
  const refused: Answer = { ok: false, failure: failureOf("RATE_LIMITED", "") };
  const { press, seen } = pressWith([LOST, refused, operation("complete", "OPENED")]);
  await press.open();
  expect(seen.map(({ kind }) => kind)).toEqual(["unanswered", "unanswered"]);
  expect(press.state.kind).toBe("followed");
});

test("a door that nobody knew of tells its late word, and another press ends the waiting for it", async () => {
  const unknown = operation("partial", "UNKNOWN");
  const late = pressWith([unknown, unknown, operation("complete", "OPENED")]);
  await late.press.open();
  expect(late.press.state).toMatchObject({ operation: { outcome: "complete" } });
  const again = pressWith([unknown, operation("complete", "OPENED")]);
  const first = again.press.open();
  await Promise.resolve();
  await again.press.open();
  await first;
  expect(again.asked.map(({ idempotencyKey }) => idempotencyKey)).not.toContain("key-3");
});

test("what was sent is asked after for minutes, and then only the door knows", async () => {
  const { press, seen } = pressWith([operation("running", "SENT"), LOST]);
  await press.open();
  expect(press.state.kind).toBe("unknown");
  expect(seen.filter(({ kind }) => kind === "followed").length).toBeGreaterThan(170);
});

test("a denial is told with its reasons and asks nothing more", async () => {
  const nextStep = { da: "Ring", en: "Call" };
  const { press, asked } = pressWith([answers({ __typename: "AccessDeniedError", reasons: ["NO_BASIS"], nextStep })]);
  await press.open();
  expect(press.state).toEqual({ kind: "denied", reasons: ["NO_BASIS"], nextStep });
  expect(asked).toHaveLength(1);
});

test("a session that ran out is renewed and the same press asked again; one that is over refuses", async () => {
  const over: Answer = { ok: false, failure: failureOf("SESSION_EXPIRED", "") };
  const renewed = pressWith([over, operation("complete", "OPENED")], true);
  await renewed.press.open();
  expect(renewed.asked.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["key-1", "key-1"]);
  expect(renewed.press.state.kind).toBe("followed");
  const ended = pressWith([over]);
  await ended.press.open();
  expect(ended.press.state).toEqual({ kind: "refused", code: "SESSION_EXPIRED" });
});
