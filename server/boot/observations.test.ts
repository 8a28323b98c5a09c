import { beforeEach, expect, test } from "vitest";
import type { EntryData, EntryKindName } from "@portner/schema/journal";
import type { TailListener } from "../journal/tail.ts";
import { entryAt } from "../simulation/rights-world.ts";
import { Metrics } from "./metrics.ts";
import { Observations } from "./observations.ts";

/** The hub that wrote every entry here. */
const WRITER = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";
const START = Date.UTC(2026, 10, 23);
const OPERATION = "00000000-0000-4000-8000-00000000000a";
const DIGEST = "A".repeat(43);

let listeners: TailListener[];
let sequence: number;
let proofs: number[];
const tail = { onBatch: (listener: TailListener) => (listeners.push(listener), () => undefined) };

beforeEach(() => {
  listeners = [];
  sequence = 0;
  proofs = [];
});

/** Hands everybody the next entry, written so many seconds after the start. */
function tell<Kind extends EntryKindName>(
  kind: Kind,
  data: EntryData[Kind],
  at: { seconds?: number; lock?: number } = {},
) {
  sequence += 1;
  const place = { sequence, at: START + (at.seconds ?? 0) * 1_000 };
  const entries = [entryAt(place, kind, data, { tenant: 1, lock: at.lock ?? 1 })];
  const batch = { entries, position: { epoch: 1, sequence }, caughtUp: true, readStartedAt: 0 };
  for (const listener of listeners) listener(batch);
  return sequence;
}

function observe(hub: string): Observations {
  const observations = new Observations(hub, (seconds) => proofs.push(seconds));
  observations.follow(tail);
  return observations;
}

const opening = { operation: OPERATION, path: null, locks: [1], body: "" };
const denied = (...reasons: EntryData["opening.denied"]["reasons"]) => ({ ...opening, refusedLock: 1, reasons });
const block = { block: 1, subject: { type: "credential" as const, id: 1 }, reason: null, denyUntil: START };
const holds = (version: number) => ({
  ...{ boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0, cfg: null },
  deny: { version, digest: DIGEST },
});

test("a hub counts the decisions that it recorded itself, a denial by the first of its reasons", () => {
  const [writer, other] = [observe(WRITER), observe(OTHER)];
  tell("opening.authorised", {
    ...opening,
    skippedDoors: [],
    basis: { type: "remote", policy: "onePerson" },
    reason: null,
  });
  tell("opening.denied", denied("CREDENTIAL_BLOCKED", "NO_BASIS"));
  tell("opening.denied", denied("CREDENTIAL_BLOCKED"));
  tell("answer.refused", { reasons: ["NO_BASIS"], challenge: "A".repeat(22) });
  expect(Object.fromEntries(writer.decisions)).toEqual({ ALLOWED: 1, CREDENTIAL_BLOCKED: 2, NO_BASIS: 1 });
  expect(other.decisions.size).toBe(0);
});

test("of each lock it tells once how long after the newest block it proved to hold it", () => {
  observe(WRITER);
  observe(OTHER);
  tell("lock.holds", holds(0), { seconds: 1 });
  const first = tell("block.placed", block, { seconds: 10 });
  tell("lock.holds", holds(first - 1), { seconds: 11, lock: 1 });
  expect(proofs).toEqual([]);
  tell("lock.holds", holds(first), { seconds: 12, lock: 1 });
  tell("lock.holds", holds(first), { seconds: 13, lock: 1 });
  tell("lock.holds", holds(first), { seconds: 14, lock: 2 });
  expect(proofs).toEqual([2, 4]);
  const second = tell("block.placed", block, { seconds: 20 });
  tell("lock.holds", holds(second), { seconds: 25, lock: 1 });
  expect(proofs).toEqual([2, 4, 5]);
});

test("Prometheus is told counts as counters, levels as gauges and proofs as a histogram", async () => {
  const counts = new Map([["ALLOWED", 3]]);
  const metrics = new Metrics([
    { name: "decisions_total", help: "h", kind: "count", label: "outcome", read: () => counts },
    { name: "age_ms", help: "h", kind: "level", read: () => Number.POSITIVE_INFINITY },
  ]);
  metrics.observeProof(2.5);
  expect(await metrics.text()).toContain('# TYPE decisions_total counter\ndecisions_total{outcome="ALLOWED"} 3\n');
  counts.set("ALLOWED", 4);
  const text = await metrics.text();
  expect(text).toContain('decisions_total{outcome="ALLOWED"} 4\n');
  expect(text).toContain("# TYPE age_ms gauge\nage_ms -1\n");
  expect(text).toContain('portner_block_proof_seconds_bucket{le="2"} 0\n');
  expect(text).toContain('portner_block_proof_seconds_bucket{le="3"} 1\n');
});
