import { expect, test } from "vitest";
import type { EntryData, EntryKindName } from "@portner/schema/journal";
import type { TailBatch, TailListener } from "../journal/tail.ts";
import { PortnerError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { entryAt, rowsOf } from "../simulation/rights-world.ts";
import type { RightsTables } from "../simulation/access-oracle.ts";
import { AccessIndex, INDEX_AGE_MS_MAX, KEPT_ENTRIES_MAX } from "./access-index.ts";
import { decide } from "./decide.ts";
import { decidePath } from "./decide-path.ts";

const PLACED = { at: 1_800_000_000_000 };

/** One carer with a phone, one door, one bundle that leads to it. */
function oneDoor(): RightsTables {
  return {
    tenants: [{ id: 1, remoteOpen: "off" }],
    locks: [{ id: 1, tenant: 1, door: 1 }],
    units: [{ id: 1, lock: 1, decommissioned: false, quarantined: false }],
    pathDoors: [{ path: 1, position: 0, door: 1 }],
    bundlePaths: [{ bundle: 1, path: 1 }],
    providers: [],
    persons: [{ id: 1, tenant: 1, department: 1, provider: null, active: true, visitsOnly: false }],
    credentials: [{ id: 1, tenant: 1, person: 1, form: "phone", generation: 1, validFrom: 0, validUntil: null }],
    memberships: [{ id: 1, person: 1, bundle: 1, validFrom: 0, validUntil: null }],
    blocks: [],
    lifts: [],
  };
}

/** An index over tables and a head that a test sets, and a tail that a test plays. */
class Stage {
  readonly tables = oneDoor();
  readonly clock = new ManualClock(PLACED.at);
  head = { epoch: 1, sequence: 10 };
  readings = 0;
  hold: Promise<void> = Promise.resolve();
  fails = 0;
  readonly #listeners: TailListener[] = [];
  #index: AccessIndex | undefined;

  static async open(tailFrom = 10): Promise<Stage> {
    const stage = new Stage();
    const index = await AccessIndex.load({ read: () => stage.#read(), clock: stage.clock, log: silentLog });
    stage.#index = index;
    index.follow({
      position: { epoch: 1, sequence: tailFrom },
      onBatch: (listener) => (stage.#listeners.push(listener), () => undefined),
    });
    return stage;
  }

  get index(): AccessIndex {
    if (this.#index === undefined) throw new PortnerError("TEST", "the stage is not open");
    return this.#index;
  }

  async #read() {
    const head = this.head;
    const rows = structuredClone(rowsOf(this.tables, new Map()));
    this.readings += 1;
    await this.hold;
    if (this.fails > 0) {
      this.fails -= 1;
      throw new PortnerError("TEST", "postgres is away");
    }
    return { rows, revision: head };
  }

  hand(entries: TailBatch["entries"], more: Partial<TailBatch> = {}): void {
    const position = { epoch: 1, sequence: entries.at(-1)?.sequence ?? this.head.sequence };
    const batch = { entries, position, caughtUp: true, readStartedAt: this.clock.monotonic(), ...more };
    for (const listener of this.#listeners) listener(batch);
  }

  answer(): string {
    const decision = decide(this.index, { credential: 1, lock: 1, at: this.clock.now() });
    return decision.outcome === "allow" ? "allow" : decision.reasons.join(" ");
  }
}

function entry<Kind extends EntryKindName>(sequence: number, kind: Kind, data: EntryData[Kind]) {
  return entryAt({ sequence, ...PLACED }, kind, data, { tenant: 1 });
}

const opened = (sequence: number) => entry(sequence, "session.opened", { session: 1, form: "phone" });
const blocked = (sequence: number) =>
  entry(sequence, "block.placed", {
    block: sequence,
    subject: { type: "person", id: 1 },
    reason: null,
    denyUntil: PLACED.at,
  });
const imported = (sequence: number) =>
  entry(sequence, "world.imported", {
    operation: "00000000-0000-4000-8000-000000000000",
    digest: "d",
    counts: {},
  });

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("an index that has not caught up with the journal for two seconds denies, and decides again once it has", async () => {
  const stage = await Stage.open();
  expect(stage.answer()).toBe("allow");
  stage.clock.advance(INDEX_AGE_MS_MAX);
  expect(stage.answer()).toBe("allow");
  stage.clock.advance(1);
  expect(stage.answer()).toBe("INDEX_STALE");
  stage.hand([opened(11)], { caughtUp: false });
  expect(stage.answer()).toBe("INDEX_STALE");
  stage.hand([opened(12)], { readStartedAt: stage.clock.monotonic() - 500 });
  expect(stage.answer()).toBe("allow");
  expect(stage.index.ageMs()).toBe(500);
});

test("a gap in the journal denies until the index was read anew", async () => {
  const stage = await Stage.open();
  stage.head = { epoch: 1, sequence: 12 };
  stage.hand([opened(12)]);
  expect(stage.answer()).toBe("INDEX_STALE");
  await settled();
  expect(stage.answer()).toBe("allow");
  expect(stage.index.revision).toEqual({ epoch: 1, sequence: 12 });
});

test("an entry of a kind or version this hub does not know denies until the index was read anew", async () => {
  const stage = await Stage.open();
  stage.head = { epoch: 1, sequence: 11 };
  stage.hand([entryAt({ sequence: 11, ...PLACED, version: 2 }, "person.closed", { person: 1 })]);
  expect(stage.answer()).toBe("INDEX_STALE");
  await settled();
  expect(stage.answer()).toBe("allow");
});

test("what the journal brings while the index is read anew is neither lost nor applied twice", async () => {
  const stage = await Stage.open();
  let letGo: () => void = () => undefined;
  stage.hold = new Promise((resolve) => (letGo = resolve));
  stage.head = { epoch: 1, sequence: 12 };
  stage.hand([imported(11)]);
  stage.hand([opened(12), blocked(13)]);
  stage.hand([opened(14)]);
  expect(stage.answer()).toBe("INDEX_STALE");
  letGo();
  await settled();
  expect(stage.index.revision.sequence).toBe(14);
  expect(stage.answer()).toBe("PERSON_BLOCKED");
});

test("an import in the middle of another reading leads to one more reading, never to two at once", async () => {
  const stage = await Stage.open();
  stage.hand([imported(11)]);
  stage.head = { epoch: 1, sequence: 11 };
  stage.hand([imported(12), imported(13)]);
  expect(stage.readings).toBe(2);
  await settled();
  expect(stage.answer()).toBe("INDEX_STALE");
  stage.head = { epoch: 1, sequence: 13 };
  stage.clock.advance(1_000);
  await settled();
  expect(stage.index.revision.sequence).toBe(13);
  expect(stage.answer()).toBe("allow");
});

test("a reading that fails is tried again, and nothing opens in between", async () => {
  const stage = await Stage.open();
  stage.fails = 3;
  stage.hand([imported(11)]);
  stage.head = { epoch: 1, sequence: 11 };
  for (let turn = 0; turn < 3; turn += 1) {
    await settled();
    expect(stage.answer()).toBe("INDEX_STALE");
    stage.clock.advance(300);
  }
  await settled();
  expect(stage.answer()).toBe("allow");
  expect(stage.readings).toBe(5);
});

test("a tail that starts behind a gap makes the index stale at once", async () => {
  const stage = await Stage.open(12);
  expect(stage.answer()).toBe("INDEX_STALE");
});

test("entries of another epoch are not mixed into the facts of this one", async () => {
  const stage = await Stage.open();
  stage.head = { epoch: 2, sequence: 11 };
  stage.hand([entryAt({ sequence: 11, ...PLACED, epoch: 2 }, "session.opened", { session: 1, form: "phone" })]);
  expect(stage.answer()).toBe("INDEX_STALE");
  await settled();
  expect(stage.index.revision).toEqual({ epoch: 2, sequence: 11 });
});

test("a caller who has seen a newer revision, or one of another epoch, is not answered from older facts", async () => {
  const stage = await Stage.open();
  const ask = (epoch: number, sequence: number) =>
    decide(stage.index, { credential: 1, lock: 1, at: PLACED.at, minRevision: { epoch, sequence } }).outcome;
  expect([ask(1, 10), ask(1, 11), ask(2, 1)]).toEqual(["allow", "deny", "deny"]);
  const path = { path: 1, at: PLACED.at, asker: { type: "credential", credential: 1 } } as const;
  const old = { ...path, minRevision: { epoch: 1, sequence: 11 } };
  expect(decidePath(stage.index, path).outcome).toBe("allow");
  expect(decidePath(stage.index, old)).toMatchObject({ reasons: ["INDEX_STALE"], refusedLock: null });
});

test("waiting for a revision or for a fresh reading ends with it, or with the time", async () => {
  const stage = await Stage.open();
  const reached = stage.index.reached(11, 100);
  const late = stage.index.reached(99, 100);
  stage.clock.advance(1);
  const refreshed = stage.index.refreshed(100);
  stage.hand([opened(11)], { readStartedAt: 0 });
  expect(await reached).toBe(true);
  stage.hand([]);
  expect(await refreshed).toBe(true);
  stage.clock.advance(100);
  expect(await late).toBe(false);
});

test("an ended membership is over at once, also on a hub whose clock is behind the one that ended it", async () => {
  const stage = await Stage.open();
  const data = { membership: 1, person: 1, bundle: 1 };
  stage.hand([entryAt({ sequence: 11, at: stage.clock.now() + 1_500 }, "membership.ended", data)]);
  expect(stage.answer()).toBe("MEMBERSHIP_ENDED");
});

test("entries that come while the index is read anew are kept up to a bound; beyond it the reading starts over", async () => {
  for (const more of [0, 1]) {
    const stage = await Stage.open();
    let release = (): void => undefined;
    stage.hold = new Promise((resolve) => (release = resolve));
    stage.head = { epoch: 1, sequence: 11 };
    const before = stage.readings;
    stage.hand([imported(11)]);
    const last = 11 + KEPT_ENTRIES_MAX + more;
    stage.hand(Array.from({ length: last - 11 }, (_, at) => opened(12 + at)));
    stage.head = { epoch: 1, sequence: last };
    release();
    await settled();
    expect(stage.readings).toBe(before + 1);
    expect(stage.index.revision.sequence).toBe(more === 0 ? last : 11);
    // What was dropped shows as a gap before the next entry, and is never passed over.
    stage.head = { epoch: 1, sequence: last + 1 };
    stage.hand([opened(last + 1)]);
    expect(stage.answer()).toBe(more === 0 ? "allow" : "INDEX_STALE");
    await settled();
    expect(stage.readings).toBe(before + 1 + more);
    expect([stage.answer(), stage.index.revision.sequence]).toEqual(["allow", last + 1]);
  }
});
