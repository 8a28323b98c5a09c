import { expect, test } from "vitest";
import { failureOf } from "../graphql/failure.ts";
import type { SubscriptionEvents } from "../graphql/index.ts";
import { OPEN_DOOR, type OpeningOperation } from "./documents.ts";
import { Opening, type OpeningDeps } from "./opening.svelte.ts";

const AT = "2026-11-22T09:43:12Z";

function operation(outcome: string): OpeningOperation {
  const command = { id: "C", detail: null, decidedAt: AT, expiresAt: AT, lock: { id: "L" } };
  const state = outcome === "running" ? ("SENT" as const) : ("OPENED" as const);
  return {
    ...{ id: "O", outcome, createdAt: AT, skippedDoors: 0, stoppedAt: null, locks: [{ id: "L" }] },
    commands: [{ ...command, state }],
  };
}

function isDeps(value: unknown): value is OpeningDeps {
  return typeof value === "object" && value !== null && "newKey" in value;
}

function opening() {
  const streams: SubscriptionEvents<unknown>[] = [];
  const hub = { later: (): void => undefined, streams, asked: 0 };
  const deps: unknown = {
    live: {
      request: (document: unknown) => {
        hub.asked += document === OPEN_DOOR ? 1 : 0;
        const openDoor = { __typename: "OpenDoorSuccess", operation: operation("running") };
        return Promise.resolve({ ok: true, value: { openDoor } });
      },
      subscribe: (_document: unknown, _variables: unknown, events: SubscriptionEvents<unknown>) => {
        streams.push(events);
        return () => undefined;
      },
    },
    after: (_delayMs: number, run: () => void) => {
      hub.later = run;
      return () => (hub.later = () => undefined);
    },
    newKey: () => "key-of-this-sheet",
  };
  return isDeps(deps) ? { hub, sheet: new Opening(deps) } : expect.unreachable("no session");
}

test("an opening that the hub stops telling of is followed again, and its end comes without another press", async () => {
  const { hub, sheet } = opening();
  sheet.reason = "citizen rang";
  sheet.propose();
  await sheet.open({ lock: "L" });
  hub.streams[0]?.ended(failureOf("INTERNAL", "the stream broke off"));
  expect(sheet.lost).toMatchObject({ code: "INTERNAL" });
  expect(sheet.isUnderWay).toBe(true);
  hub.later();
  hub.streams[1]?.next({ commandChanged: operation("complete") });
  expect([sheet.lost, sheet.isUnderWay, hub.asked]).toEqual([undefined, false, 1]);
  hub.streams[1]?.ended();
  expect(sheet.lost).toBeUndefined();
});
