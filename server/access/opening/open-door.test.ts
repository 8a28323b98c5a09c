import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { InvariantError } from "../../kernel/errors.ts";
import { SIGN_WITHIN_MS } from "../../locks/dispatch.ts";
import { startAccessHub } from "../../simulation/access-hub.ts";
import { JAMS, OpeningStage, OPENS, SAYS_NOTHING } from "../../simulation/opening-stage.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { placeBlock } from "../block.ts";
import { liftBlocks } from "../unblock.ts";
import { openDoor, type OpenDeps } from "./open-door.ts";
import type { OpenRequest } from "./request.ts";
import { denialOf, operationById } from "./store.ts";

/** The stairwell's lock, first on every path. */
const STAIRWELL = 6;

/** How late a hub hears of a block that it is to decide without. */
const LATE_MS = 300;

let stage: OpeningStage;
let deps: OpenDeps;

beforeAll(async () => {
  stage = await OpeningStage.open();
  deps = stage.deps();
});
afterAll(() => stage.close());
afterEach(() => {
  stage.behaviours.clear();
  stage.sent.length = 0;
  stage.outcomes.length = 0;
  stage.signedAfterMs = 0;
  stage.frozenAt = undefined;
  stage.connected = true;
});

/** Opens, waits for the end, and answers what is stored of it and what the journal says. */
async function opened(request: OpenRequest, by: OpenDeps = deps) {
  const outcome = await openDoor(by, request);
  if (!outcome.ok) throw new InvariantError(outcome.failure.code);
  await outcome.value.finished;
  const stored = await operationById(stage.db.database.tables, outcome.value.operation);
  if (stored === undefined) throw new InvariantError("an operation without a row");
  const entries = await stage.entriesOf(outcome.value.operation);
  const states = stored.commands.map(({ lock, state, detail }) => [lock, state, detail]);
  return { ...stored.operation, states, kinds: entries.map(({ kind }) => kind), entries };
}

/** Places a block without telling any hub: they hear of it by their tails. */
async function block(credential: number): Promise<string> {
  const subject = { type: "credential" as const, id: credential };
  const silently = { ...stage.hub.deps, poke: () => undefined };
  const placed = await placeBlock({ tenant: 1, subject, actor: null, reason: null }, silently);
  if (!placed.ok) throw new InvariantError(placed.failure.code);
  return placed.value.block;
}

test("a path is opened from the street inwards, each command durable before it is sent", async () => {
  const done = await opened(stage.press(1, { path: 1 }));
  expect(done).toMatchObject({ outcome: "complete", stoppedAt: null, locks: [STAIRWELL, 1] });
  expect(stage.sent.map(({ lock }) => lock)).toEqual([STAIRWELL, 1]);
  const door = ["command.sent", "lock.moved"];
  // Evidence may overtake the note that something was sent.
  const [first, second, ...rest] = done.kinds;
  expect([first, second, rest.at(-1)]).toEqual(["opening.authorised", "command.authorised", "opening.finished"]);
  expect(rest.slice(0, 2).toSorted()).toEqual(door);
  expect(rest[2]).toBe("command.authorised");
  expect(rest.slice(3, 5).toSorted()).toEqual(door);
});

test("a jam at the second door stops the path there, named, and nothing is tried again", async () => {
  stage.behaviours.set(1, JAMS);
  const done = await opened(stage.press(1, { path: 1 }));
  expect(done).toMatchObject({ outcome: "partial", stoppedAt: 1 });
  expect(done.states).toEqual([
    [STAIRWELL, "opened", null],
    [1, "jammed", null],
  ]);
  expect(stage.sent).toHaveLength(2);
  expect(done.entries.at(-1)).toMatchObject({ kind: "opening.finished", lock: 1, data: { cause: "jammed" } });
});

test("whoever is blocked on the stairs gets no further", async () => {
  stage.behaviours.set(STAIRWELL, async (_, lock, command) => {
    await block(3);
    await OPENS(stage, lock, command);
  });
  const done = await opened(stage.press(3, { path: 3 }));
  expect(done).toMatchObject({ outcome: "partial", stoppedAt: 3, states: [[STAIRWELL, "opened", null]] });
  expect(stage.sent.map(({ lock }) => lock)).toEqual([STAIRWELL]);
  expect(done.entries.at(-1)).toMatchObject({ kind: "opening.finished", data: { cause: "denied" } });
});

test("whoever's session ends on the stairs gets no further, and with an ended session nobody begins", async () => {
  let may = true;
  stage.behaviours.set(STAIRWELL, async (_, lock, command) => {
    may = false;
    await OPENS(stage, lock, command);
  });
  const done = await opened(stage.press(1, { path: 1 }, { stillMay: () => may }));
  expect(done).toMatchObject({ outcome: "partial", stoppedAt: 1 });
  const again = await openDoor(deps, stage.press(1, { path: 1 }, { stillMay: () => may }));
  expect(again).toEqual({ ok: false, failure: { code: "SESSION_ENDED" } });
});

test("whoever may not open for others there any more gets no further than the door on the way", async () => {
  const right = { asked: 0, endsAfter: 1 };
  const reauthorised = (): Promise<boolean> => Promise.resolve((right.asked += 1) <= right.endsAfter);
  const done = await opened(stage.press(1, { path: 1 }, { reauthorised }));
  expect(done).toMatchObject({ outcome: "partial", stoppedAt: 1 });
  const again = await openDoor(deps, stage.press(1, { path: 1 }, { reauthorised }));
  expect(again).toEqual({ ok: false, failure: { code: "SESSION_ENDED" } });
});

test("a decision that the journal finds stale is made anew, for others' revocations and for one's own", async () => {
  // Hears of everything late.
  const late = await startAccessHub(stage.db.url, { listen: false, delayMs: () => LATE_MS });
  const lateDeps = stage.deps(late);
  const others = await block(12);
  expect(await opened(stage.press(1, { lock: 1 }), lateDeps)).toMatchObject({ outcome: "complete" });
  const stale = (): number => stage.outcomes.filter((outcome) => outcome === "stale").length;
  expect(stale()).toBeGreaterThan(0);
  const before = stale();
  stage.sent.length = 0;
  await block(5);
  const own = await openDoor(lateDeps, stage.press(5, { path: 5 }));
  expect(own).toMatchObject({ ok: false, failure: { code: "DENIED", reasons: ["CREDENTIAL_BLOCKED"] } });
  expect(stale()).toBeGreaterThan(before);
  expect(stage.sent).toEqual([]);
  await liftBlocks({ tenant: 1, blocks: [others], actor: null, reason: "found again" }, stage.hub.deps);
  await late.stop();
});

test.each([
  { signedAfterMs: SIGN_WITHIN_MS, outcome: "complete", state: "opened", detail: null, sent: 1 },
  { signedAfterMs: SIGN_WITHIN_MS + 1, outcome: "partial", state: "abandoned", detail: "TOO_LATE", sent: 0 },
])("a command that is to be signed $signedAfterMs ms after its decision ends as $state", async (expected) => {
  stage.frozenAt = Date.now();
  stage.signedAfterMs = expected.signedAfterMs;
  const done = await opened(stage.press(1, { lock: 1 }));
  expect(done).toMatchObject({ outcome: expected.outcome, states: [[1, expected.state, expected.detail]] });
  expect(stage.sent).toHaveLength(expected.sent);
  expect(done.kinds.includes("command.sent")).toBe(expected.sent === 1);
  expect(done.kinds.includes("command.abandoned")).toBe(expected.sent === 0);
});

test("nothing is sent without a broker, and the operation that says so stands in the journal", async () => {
  stage.connected = false;
  const refused = await openDoor(deps, stage.press(1, { path: 1 }));
  if (refused.ok || refused.failure.code !== "LOCK_OFFLINE") throw new InvariantError("it was not refused");
  const { operation } = refused.failure;
  const stored = await operationById(stage.db.database.tables, operation);
  expect(stored?.operation).toMatchObject({ outcome: "partial", stoppedAt: STAIRWELL });
  const kinds = (await stage.entriesOf(operation)).map(({ kind }) => kind);
  expect(kinds).toEqual(["opening.authorised", "command.authorised", "command.abandoned", "opening.finished"]);
  expect(stage.sent).toEqual([]);
});

test("a lock whose unit is not the one that was decided about gets no command until the hub knows which it is", async () => {
  const held = stage.lock(1);
  const swapped = { ...held, unit: 99, unitId: "unit-swapped-0099" };
  stage.registry.put(swapped);
  const refused = await openDoor(deps, stage.press(1, { lock: 1 }));
  if (refused.ok || refused.failure.code !== "DENIED") throw new InvariantError("it was not denied");
  expect(refused.failure.reasons).toEqual(["INDEX_STALE"]);
  const { operation } = refused.failure;
  const stored = await operationById(stage.db.database.tables, operation);
  expect(stored).toMatchObject({ operation: { outcome: "denied", stoppedAt: 1 }, commands: [] });
  expect(await denialOf(stage.db.database.tables, operation)).toEqual(["INDEX_STALE"]);
  expect(stage.sent).toEqual([]);

  const opening = opened(stage.press(1, { lock: 1 }));
  stage.registry.put(held);
  expect(await opening).toMatchObject({ outcome: "complete" });

  // On the way: the second door's unit is swapped while the first one opens, and is never learnt of.
  stage.behaviours.set(STAIRWELL, async (_, lock, command) => {
    stage.registry.put(swapped);
    await OPENS(stage, lock, command);
  });
  const partial = await opened(stage.press(1, { path: 1 }));
  stage.registry.put(held);
  expect(partial).toMatchObject({ outcome: "partial", stoppedAt: 1, states: [[STAIRWELL, "opened", null]] });
}, 20_000);

test("the same key is the same press: it opens once, and another body under it is an error", async () => {
  const press = stage.press(1, { lock: 1 });
  await opened(press);
  const again = await openDoor(deps, press);
  expect(again).toMatchObject({ ok: true, value: { repeated: true } });
  const other = await openDoor(deps, { ...press, target: { path: 1 } });
  expect(other).toEqual({ ok: false, failure: { code: "KEY_REUSED" } });
  expect(stage.sent).toHaveLength(1);
});

test("somebody else's door is opened remotely while the municipality lets one person do it, and not when it does not", async () => {
  const remote = {
    asker: { type: "remote" as const, person: null },
    person: undefined,
    account: 1,
    caller: "account:a",
  };
  const press = (): OpenRequest => ({ ...stage.press(1, { lock: 2 }, remote), reason: "locked out" });
  const done = await opened(press());
  expect(done).toMatchObject({ outcome: "complete", via: "remote", account: 1, credential: null });
  expect(done.entries[0]).toMatchObject({ kind: "opening.authorised", actor: 1, data: { basis: { type: "remote" } } });
  for (const policy of ["off", "twoPersons"]) {
    await stage.db.database.raw`UPDATE tenant SET remote_open = ${policy}`;
    const strict = await startAccessHub(stage.db.url);
    const refused = await openDoor(stage.deps(strict), press());
    expect(refused).toMatchObject({ ok: false, failure: { code: "DENIED", reasons: ["NO_BASIS"] } });
    await strict.stop();
  }
  expect(stage.sent).toHaveLength(1);
});

test("what is silent at first is waited for as long as its door may take, whoever asks again", async () => {
  stage.behaviours.set(1, SAYS_NOTHING);
  const press = stage.press(1, { lock: 1 });
  const first = await openDoor(deps, press);
  if (!first.ok) throw new InvariantError(first.failure.code);
  const waiting = deps.operations.ended(first.value.operation, 10_000);
  expect(await pollUntil(() => stage.sent.length === 1, 5_000)).toBe(true);
  await stage.say(stage.lock(1), stage.sent[0]?.id ?? "", "opened");
  await waiting;
  const stored = await operationById(stage.db.database.tables, first.value.operation);
  expect(stored?.operation.outcome).toBe("complete");
});

/** Long past: no request of the same press can still be on its way. */
const LONG_AGO_MS = 60_000;

test("a press that has ended by the time the hub looks at it opens nothing and leaves nothing in the journal", async () => {
  const before = (await stage.entries()).length;
  const late = await openDoor(deps, { ...stage.press(1, { path: 1 }), notAfter: Date.now() - LONG_AGO_MS });
  expect(late).toEqual({ ok: false, failure: { code: "TOO_LATE" } });
  expect(stage.sent).toEqual([]);
  expect(await stage.entries()).toHaveLength(before);
});

test("what a press began in time is told however late it is asked for, under whatever end, and opens once", async () => {
  const press = stage.press(1, { lock: 1 });
  const notAfter = Date.now() + LONG_AGO_MS;
  const done = await opened({ ...press, notAfter });
  const again = await openDoor(deps, { ...press, notAfter: Date.now() - LONG_AGO_MS });
  expect(again).toMatchObject({ ok: true, value: { operation: done.id, repeated: true } });
  const other = await openDoor(deps, { ...press, target: { path: 1 }, notAfter: Date.now() - LONG_AGO_MS });
  expect(other).toEqual({ ok: false, failure: { code: "KEY_REUSED" } });
  expect(stage.sent).toHaveLength(1);
});

test("a press just too late is not said to have opened nothing while another request of it is on its way", async () => {
  const press = stage.press(1, { lock: 1 });
  const late = openDoor(deps, { ...press, notAfter: Date.now() - 1 });
  const done = await opened({ ...press, notAfter: Date.now() + LONG_AGO_MS });
  expect(await late).toMatchObject({ ok: true, value: { operation: done.id, repeated: true } });
});

test("the doors behind the first one are opened after the press has ended too", async () => {
  stage.frozenAt = Date.now();
  stage.behaviours.set(STAIRWELL, async (_, lock, command) => {
    stage.frozenAt = Date.now() + LONG_AGO_MS;
    await OPENS(stage, lock, command);
  });
  const done = await opened({ ...stage.press(1, { path: 1 }), notAfter: stage.frozenAt });
  expect(done).toMatchObject({ outcome: "complete", stoppedAt: null });
});
