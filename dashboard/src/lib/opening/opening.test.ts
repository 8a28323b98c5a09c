import { expect, test } from "vitest";
import { failureOf, UNREACHABLE, type GraphqlFailure } from "../graphql/failure.ts";
import type { SubscriptionEvents } from "../graphql/index.ts";
import type { OpeningOperation } from "./documents.ts";
import { Opening, type OpeningDeps } from "./opening.svelte.ts";

const AT = "2026-11-22T09:43:12Z";
type State = OpeningOperation["commands"][number]["state"];
type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly failure: GraphqlFailure };

function operation(outcome: string, state: State): OpeningOperation {
  const command = { id: "C", detail: null, decidedAt: AT, expiresAt: AT, lock: { id: "L" } };
  return {
    ...{ id: "O", outcome, createdAt: AT, skippedDoors: 0, stoppedAt: null, locks: [{ id: "L" }] },
    commands: [{ ...command, state }],
  };
}

const RUNNING = operation("running", "SENT");
const LOST: Answer = { ok: false, failure: UNREACHABLE };
const answers = (openDoor: object): Answer => ({ ok: true, value: { openDoor } });
const begun = answers({ __typename: "OpenDoorSuccess", operation: RUNNING });
const refused = (code: string): Answer => answers({ __typename: "ConflictError", code });

function isDeps(value: unknown): value is OpeningDeps {
  return typeof value === "object" && value !== null && "newKey" in value;
}

/** A sheet whose hub gives these answers, the last one for ever; what it wants to be run later is run by `hub.later`. */
function opening(script: readonly Answer[] = [begun]) {
  const streams: SubscriptionEvents<unknown>[] = [];
  const asked: { readonly idempotencyKey: string; readonly notAfter: string }[] = [];
  let waiting: (() => void)[] = [];
  const hub = {
    streams,
    asked,
    hubMs: Date.parse(AT),
    later: async () => {
      const due = waiting;
      waiting = [];
      for (const run of due) run();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
  const deps: unknown = {
    live: {
      request: (_document: unknown, { input }: { readonly input: (typeof asked)[number] }) => {
        asked.push(input);
        return Promise.resolve(script[Math.min(asked.length, script.length) - 1]);
      },
      subscribe: (_document: unknown, _variables: unknown, events: SubscriptionEvents<unknown>) => {
        streams.push(events);
        return () => undefined;
      },
    },
    after: (_delayMs: number, run: () => void) => {
      waiting.push(run);
      return () => (waiting = waiting.filter((other) => other !== run));
    },
    newKey: () => "key-of-this-sheet",
    hubMs: () => hub.hubMs,
  };
  return isDeps(deps) ? { hub, sheet: new Opening(deps) } : expect.unreachable("no session");
}

/** The same with the reason written and the doors there long enough to be read. */
async function confirmed(script?: readonly Answer[]) {
  const made = opening(script);
  made.sheet.reason = "citizen rang";
  made.sheet.propose();
  await made.hub.later();
  return made;
}

test("an opening that the hub stops telling of is followed again, and its end comes without another press", async () => {
  const { hub, sheet } = await confirmed();
  await sheet.open({ lock: "L" });
  hub.streams[0]?.ended(failureOf("INTERNAL", "the stream broke off"));
  expect(sheet.lost).toMatchObject({ code: "INTERNAL" });
  expect(sheet.isUnderWay).toBe(true);
  await hub.later();
  hub.streams[1]?.next({ commandChanged: operation("complete", "OPENED") });
  expect([sheet.lost, sheet.isUnderWay, hub.asked.length]).toEqual([undefined, false, 1]);
  hub.streams[1]?.ended();
  expect(sheet.lost).toBeUndefined();
});

test("without a reason that says anything it goes no further, and says so", () => {
  const { sheet } = opening();
  for (const reason of ["", "  ", " a "]) {
    sheet.reason = reason;
    expect([sheet.propose(), sheet.state.kind, sheet.isReasonMissing]).toEqual([false, "asking", true]);
  }
  sheet.reason = "118";
  expect([sheet.propose(), sheet.state.kind, sheet.isReasonMissing]).toEqual([true, "confirming", false]);
});

test("a press in the moment in which the doors appear opens nothing; one later does", async () => {
  const { hub, sheet } = opening();
  sheet.reason = "citizen rang";
  sheet.propose();
  await sheet.open({ lock: "L" });
  expect([sheet.state.kind, hub.asked.length, sheet.hasBegun]).toEqual(["confirming", 0, false]);
  await hub.later();
  await sheet.open({ lock: "L" });
  expect([sheet.state.kind, hub.asked.length, sheet.hasBegun]).toEqual(["followed", 1, true]);
});

test("the moment begins anew when the doors appear anew", async () => {
  const { hub, sheet } = opening();
  sheet.reason = "citizen rang";
  sheet.propose();
  sheet.reconsider();
  await hub.later();
  sheet.propose();
  await sheet.open({ lock: "L" });
  expect(hub.asked).toHaveLength(0);
});

test("a press counts for ten seconds by the hub's time, also when it is asked for again", async () => {
  const { hub, sheet } = await confirmed([LOST, LOST, begun]);
  await sheet.open({ lock: "L" });
  expect(sheet.state.kind).toBe("unanswered");
  hub.hubMs += 60_000;
  await hub.later();
  await hub.later();
  expect(sheet.state.kind).toBe("followed");
  const notAfter = new Date(Date.parse(AT) + 10_000).toISOString();
  expect(hub.asked).toHaveLength(3);
  expect(hub.asked.every((one) => one.notAfter === notAfter && one.idempotencyKey === "key-of-this-sheet")).toBe(true);
});

test("a press that came too late has opened nothing, and that ends it", async () => {
  const { hub, sheet } = await confirmed([LOST, refused("TOO_LATE")]);
  await sheet.open({ lock: "L" });
  await hub.later();
  expect(sheet.state).toEqual({ kind: "refused", code: "TOO_LATE" });
  expect(sheet.isUnderWay).toBe(false);
});

test("behind a lost answer a refusal to tell is no word on what was opened", async () => {
  const { hub, sheet } = await confirmed([LOST, refused("JOURNAL_UNAVAILABLE"), refused("FORBIDDEN"), begun]);
  await sheet.open({ lock: "L" });
  for (const kind of ["unanswered", "unanswered", "followed"]) {
    await hub.later();
    expect(sheet.state.kind).toBe(kind);
  }
  const { sheet: first } = await confirmed([refused("FORBIDDEN")]);
  await first.open({ lock: "L" });
  expect(first.state).toEqual({ kind: "refused", code: "FORBIDDEN" });
});

test("what was proven stays proven when the outcome isn't known, and late evidence behind the end is taken in", async () => {
  const { hub, sheet } = await confirmed();
  await sheet.open({ lock: "L" });
  hub.streams[0]?.next({ commandChanged: operation("running", "MOVING") });
  hub.streams[0]?.next({ commandChanged: operation("partial", "UNKNOWN") });
  expect(sheet.state.kind === "followed" && sheet.state.proven.get("L")).toBe(3);
  expect(sheet.isUnderWay).toBe(false);
  hub.streams[0]?.next({ commandChanged: operation("complete", "OPENED") });
  expect(sheet.state).toMatchObject({ operation: { outcome: "complete" } });
});
