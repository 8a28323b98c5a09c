import { expect, test } from "vitest";
import { Release, type QuarantinedLock, type ReleaseAnswer } from "./release.svelte.ts";

const lock: QuarantinedLock = {
  ...{ id: "1", serial: "PM-1", addressText: "Åbovej 12" },
  freshness: { state: "LIVE", heardAt: null },
};

function release(answers: ReleaseAnswer[]) {
  const asked: unknown[] = [];
  let done = 0;
  let keys = 0;
  const held = new Release({
    ask: (input) => {
      asked.push(input);
      return Promise.resolve(answers.shift() ?? expect.unreachable());
    },
    newKey: () => `key-${(keys += 1)}`,
    released: () => (done += 1),
  });
  return { held, asked, doneCount: () => done };
}

test("a quarantine is not ended without a reason", async () => {
  const { held, asked } = release([]);
  held.begin(lock);
  held.reason = "  ";
  await held.send();
  expect([held.code, asked.length]).toEqual(["REASON_MISSING", 0]);
});

test("a try again after a lost answer carries the same key, and the dialog closes only when it is recorded", async () => {
  const { held, asked, doneCount } = release([
    { ok: false, failure: { kind: "unreachable", code: "UNREACHABLE", message: "" } },
    {
      ok: true,
      value: { releaseQuarantine: { __typename: "ReleaseQuarantineSuccess", lock: { id: "1", quarantined: false } } },
    },
  ]);
  held.begin(lock);
  held.reason = "set efter";
  await held.send();
  expect([held.code, held.lock, doneCount()]).toEqual(["UNREACHABLE", lock, 0]);
  await held.send();
  expect([held.lock, doneCount()]).toEqual([undefined, 1]);
  expect(asked).toEqual([
    { lock: "1", reason: "set efter", idempotencyKey: "key-1" },
    { lock: "1", reason: "set efter", idempotencyKey: "key-1" },
  ]);
});
