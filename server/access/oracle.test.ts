import fc from "fast-check";
import { expect, test } from "vitest";
import { silentLog } from "../kernel/log.ts";
import { deniedIn, remoteVerdictFor, verdictFor, type Verdict } from "../simulation/access-oracle.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { CHANGES, ChangingWorld, type RandomChange } from "../simulation/rights-changes.ts";
import { publicIdOf, rowsOf, SIZES } from "../simulation/rights-world.ts";
import type { Decision } from "@portner/schema/access";
import type { TailBatch, TailListener } from "../journal/tail.ts";
import { AccessIndex } from "./access-index.ts";
import { decide, decideRemote, type DecisionGround } from "./decide.ts";
import { decidePath } from "./decide-path.ts";
import { denyDocument } from "./deny-document.ts";
import { explain, explainRemote } from "./explain.ts";

/** Worlds tried. */
const RUNS = Number(process.env.PORTNER_PROPERTY_RUNS ?? 60);

const change: fc.Arbitrary<RandomChange> = fc.record({
  // Blocks and lifts more often than the rest: they are what must never be wrong, and need each other to be interesting.
  name: fc.constantFrom(...CHANGES, "block", "block", "block", "lift", "lift", "liftAhead"),
  a: fc.nat(10_000),
  b: fc.nat(10_000),
  c: fc.nat(10_000),
});

function verdictOf(decision: Decision): Verdict {
  return decision.outcome === "allow" ? { basis: decision.basis } : { reasons: [...decision.reasons] };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Times worth asking about: now, and every edge of a validity that still lies ahead. */
function timesOf({ tables, now }: ChangingWorld): number[] {
  const edges = [
    ...tables.memberships.flatMap((each) => [each.validFrom, each.validUntil]),
    ...tables.credentials.flatMap((each) => [each.validFrom, each.validUntil]),
    ...tables.providers.map((each) => each.contractEnd),
  ];
  const ahead = edges.filter((edge) => edge !== null && edge > now).toSorted((a, b) => Number(a) - Number(b));
  const [edge] = ahead;
  return typeof edge === "number" ? [now, edge - 1, edge] : [now, now + 30_000];
}

// Thousands of answers a world: only those that differ are worth vitest's own careful comparison.
function expectSame(found: Verdict, wanted: Verdict, question: object): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) expect({ question, ...found }).toEqual({ question, ...wanted });
}

function expectAgreement(ground: DecisionGround, world: ChangingWorld): number {
  const { tables } = world;
  let allowed = 0;
  for (const at of timesOf(world)) {
    for (const lock of [...tables.locks.map((each) => each.id), 999]) {
      for (const credential of [...tables.credentials.map((each) => each.id), 999]) {
        const question = { credential, lock, at };
        const decision = decide(ground, question);
        expectSame(verdictOf(decision), verdictFor(tables, question), question);
        if (decision.outcome === "allow") allowed += 1;
      }
      for (const person of [null, ...upTo(SIZES.persons + 2)]) {
        const question = { lock, person, at };
        expectSame(verdictOf(decideRemote(ground, question)), remoteVerdictFor(tables, question), question);
      }
    }
  }
  return allowed;
}

function expectSamePaths(ground: DecisionGround, { tables, now: at }: ChangingWorld): void {
  for (const path of upTo(SIZES.paths + 2)) {
    const doors = tables.pathDoors.filter((each) => each.path === path).toSorted((a, b) => a.position - b.position);
    const locks = doors.flatMap(({ door }) => tables.locks.find((lock) => lock.door === door)?.id ?? []);
    for (const { id: credential } of tables.credentials) {
      const verdicts = locks.map((lock) => verdictFor(tables, { credential, lock, at }));
      const refusing = verdicts.findIndex((verdict) => "reasons" in verdict);
      const refused = {
        refusedLock: locks[refusing] ?? null,
        ...(verdicts[refusing] ?? { reasons: ["LOCK_UNKNOWN"] }),
      };
      const wanted = refusing >= 0 || locks.length === 0 ? refused : { locks };
      const decision = decidePath(ground, { path, at, asker: { type: "credential", credential } });
      const found =
        decision.outcome === "deny"
          ? { refusedLock: decision.refusedLock, reasons: decision.reasons }
          : { locks: decision.doors.map(({ lock }) => lock) };
      if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted);
    }
  }
}

function expectSameGenerations({ facts }: DecisionGround, { tables }: ChangingWorld): void {
  const found = [...facts.credentials].map(([id, { generation }]) => ({ id, generation }));
  expect(found).toEqual(tables.credentials.map(({ id, generation }) => ({ id, generation })));
}

function expectSameDenials(ground: DecisionGround, { tables, now, blockSequences }: ChangingWorld): void {
  for (const { id: tenant } of tables.tenants) {
    const publicIds = new Map(tables.credentials.map(({ id }) => [id, publicIdOf("credential", id)]));
    const wanted = deniedIn(tables, tenant, now).map(({ credential, generation, until }) => {
      return { cred: publicIdOf("credential", credential), gen: generation, until };
    });
    const placed = tables.blocks.filter((block) => block.tenant === tenant);
    const version = Math.max(0, ...placed.map((block) => blockSequences.get(block.id) ?? 0));
    const document = denyDocument(ground.facts, { tenant, now, publicIds });
    expect(document?.message).toMatchObject({ version, entries: wanted });
  }
}

async function indexOf(world: ChangingWorld, clock = new ManualClock()) {
  const listeners: TailListener[] = [];
  const read = async () => {
    const rows = structuredClone(rowsOf(world.tables, world.blockSequences));
    return { rows, revision: { epoch: 1, sequence: world.sequence } };
  };
  const index = await AccessIndex.load({ read, clock, log: silentLog });
  index.follow({ position: index.revision, onBatch: (listener) => (listeners.push(listener), () => undefined) });
  const hand = (entries: TailBatch["entries"]): void => {
    const position = { epoch: 1, sequence: entries.at(-1)?.sequence ?? index.revision.sequence };
    const batch: TailBatch = { entries, position, caughtUp: true, readStartedAt: clock.monotonic() };
    for (const listener of listeners) listener(batch);
  };
  return { index, hand, clock };
}

test("the index says what an obvious reading of the tables says, after every change and however it came there", async () => {
  let allowed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(change, { minLength: 1, maxLength: 25, size: "max" }),
      async (seed, changes) => {
        const world = new ChangingWorld(seed, 1_800_000_000_000);
        const { index, hand } = await indexOf(world);
        allowed += expectAgreement(index, world);
        for (const each of changes) {
          hand([world.apply(each)]);
          expect(await index.reached(world.sequence, 1_000)).toBe(true);
          allowed += expectAgreement(index, world);
          expectSamePaths(index, world);
          expectSameDenials(index, world);
          expectSameGenerations(index, world);
        }
        const { index: fresh } = await indexOf(world);
        expectAgreement(fresh, world);
        expectSameDenials(fresh, world);
        expect(index.facts.blocks).toEqual(fresh.facts.blocks);
      },
    ),
    { numRuns: RUNS },
  );
  // A world in which nobody may ever enter would prove nothing.
  expect(allowed).toBeGreaterThan(RUNS);
});

test("an explanation ends in the very decision it explains, and names a failed step for every reason", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(change, { maxLength: 10 }), async (seed, changes) => {
      const world = new ChangingWorld(seed, 1_800_000_000_000);
      for (const each of changes) world.apply(each);
      const { index } = await indexOf(world);
      for (const lock of [...world.tables.locks.map((each) => each.id), 999]) {
        for (const credential of [...world.tables.credentials.map((each) => each.id), 999]) {
          const question = { credential, lock, at: world.now };
          const { decision, steps } = explain(index, question);
          expect(decision).toEqual(decide(index, question));
          const failed = new Set(steps.filter((step) => !step.passed).map((step) => step.reason));
          if (decision.outcome === "deny") expect([...failed].toSorted()).toEqual(decision.reasons.toSorted());
          else expect(failed.size).toBe(0);
        }
        const remote = { lock, person: 1, at: world.now };
        expect(explainRemote(index, remote).decision).toEqual(decideRemote(index, remote));
      }
    }),
    { numRuns: Math.ceil(RUNS / 4) },
  );
});
