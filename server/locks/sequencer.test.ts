import type { EventMessage } from "@portner/schema/mqtt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BOOT_JUMP_MAX, SEQUENCE_JUMP_MAX, UnitSequencer, type SignedEvent } from "./sequencer.ts";

const common = { v: 1 as const, unit: "unit-0001", at: 1, clock: { trusted: true, errorMs: 0 } };
const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;

function restarted(boot: number, previous: { boot: number; seq: number } | null): EventMessage {
  return { ...common, boot, seq: 1, kind: "restarted", cause: "power", previous, facts };
}

function door(boot: number, seq: number): EventMessage {
  return { ...common, boot, seq, kind: "door", door: seq % 2 === 0 ? "open" : "closed" };
}

function signed(event: EventMessage): SignedEvent {
  return { event, content: `${event.boot}.${event.seq}.${event.kind}` };
}

/** Everything a lock says over its boots, as its ring holds it: each boot begins with where the one before ended. */
function storyOf(boots: readonly number[]): EventMessage[] {
  let previous: { boot: number; seq: number } | null = null;
  return boots.flatMap((events, i) => {
    const boot = i + 1;
    const story = [restarted(boot, previous), ...Array.from({ length: events }, (_, n) => door(boot, n + 2))];
    previous = { boot, seq: story.length };
    return story;
  });
}

/** A hub's side of the ring: commits what is next, and what was held for that moment. */
function hear(sequencer: UnitSequencer, event: SignedEvent, committed: string[]): string {
  const { place } = sequencer.place(event);
  for (let next = place === "next" ? event : undefined; next !== undefined; next = sequencer.takeNext()) {
    sequencer.advance(next.event.boot, next.event.seq, next.content);
    committed.push(next.content);
  }
  return place;
}

test("whatever the broker loses, doubles and reorders, every event is committed once and in order", () => {
  const chances = fc.infiniteStream(fc.noBias(fc.integer({ min: 0, max: 999 })));
  const boots = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(boots, chances, (lengths, chance) => {
      const story = storyOf(lengths).map(signed);
      const sequencer = new UnitSequencer({ boot: 0, contiguous: 0 });
      const committed: string[] = [];
      const roll = (): number => chance.next().value / 1_000;
      for (let round = 0; round < 400 && committed.length < story.length; round += 1) {
        // The lock sends again from what was acknowledged, a window at a time, through a bad broker.
        const open = story.slice(committed.length, committed.length + 16);
        const arriving = open.flatMap((event) => (roll() < 0.2 ? [] : roll() < 0.2 ? [event, event] : [event]));
        const shuffled = arriving.map((event) => ({ event, at: roll() })).toSorted((a, b) => a.at - b.at);
        for (const { event } of shuffled) {
          expect(hear(sequencer, event, committed)).not.toBe("nonsense");
        }
      }
      expect(committed).toEqual(story.map((event) => event.content));
    }),
    { numRuns: 300 },
  );
});

test("a new boot waits until the one before is committed whole", () => {
  const sequencer = new UnitSequencer({ boot: 1, contiguous: 4 });
  expect(sequencer.place(signed(restarted(2, { boot: 1, seq: 5 }))).place).toBe("waiting");
  expect(hear(sequencer, signed(door(1, 5)), [])).toBe("next");
  expect(sequencer.place(signed(restarted(2, { boot: 1, seq: 5 }))).place).toBe("next");
});

test("an overwritten range is committed as lost, also when it began before what is committed", () => {
  const sequencer = new UnitSequencer({ boot: 1, contiguous: 6 });
  const lost: EventMessage = { ...common, boot: 1, seq: 20, kind: "lost", from: 5 };
  expect(hear(sequencer, signed(lost), [])).toBe("next");
  expect(sequencer.committed).toEqual({ boot: 1, sequence: 20 });
  expect(sequencer.place(signed(lost)).place).toBe("past");
  expect(sequencer.place(signed({ ...lost, seq: 19 })).place).toBe("past");
});

test("a boot whose beginning was overwritten is begun by what was lost of it", () => {
  const sequencer = new UnitSequencer({ boot: 1, contiguous: 12 });
  const next: EventMessage = { ...common, boot: 2, seq: 9, kind: "lost", from: 1 };
  expect(hear(sequencer, signed(next), [])).toBe("next");
  expect(sequencer.committed).toEqual({ boot: 2, sequence: 9 });
});

test("the same number with another content is told from a repetition", () => {
  const sequencer = new UnitSequencer({ boot: 1, contiguous: 1 });
  hear(sequencer, signed(door(1, 2)), []);
  expect(sequencer.place(signed(door(1, 2)))).toEqual({ place: "repeated", same: true });
  const other = { event: door(1, 2), content: "another" };
  expect(sequencer.place(other)).toEqual({ place: "repeated", same: false });
});

test("what only a rolled-back or copied board could send is nonsense", () => {
  const sequencer = new UnitSequencer({ boot: 3, contiguous: 10 });
  expect(sequencer.place(signed(restarted(4, { boot: 3, seq: 8 })))).toEqual({
    place: "nonsense",
    cause: "BOOT_REVERSED",
  });
  expect(sequencer.place(signed(restarted(4, null)))).toEqual({ place: "nonsense", cause: "BOOT_REVERSED" });
  const far = signed(door(3, 10 + SEQUENCE_JUMP_MAX + 1));
  expect(sequencer.place(far)).toEqual({ place: "nonsense", cause: "SEQUENCE_JUMP" });
});

test("an event beyond the window is left for the lock to send again", () => {
  const sequencer = new UnitSequencer({ boot: 1, contiguous: 10 });
  expect(sequencer.place(signed(door(1, 27))).place).toBe("beyond");
  expect(sequencer.place(signed(door(1, 26))).place).toBe("held");
});

test("what another hub has committed is not committed again", () => {
  const sequencer = new UnitSequencer({ boot: 1, contiguous: 1 });
  sequencer.place(signed(door(1, 3)));
  expect(sequencer.advance(1, 3)).toBe(true);
  expect(sequencer.takeNext()).toBeUndefined();
  expect(sequencer.advance(1, 2)).toBe(false);
  expect(sequencer.committed).toEqual({ boot: 1, sequence: 3 });
});

test("a lost range that ends, or a boot that lies, farther ahead than any lock can be is nonsense, not a year of silence", () => {
  const sequencer = new UnitSequencer({ boot: 2, contiguous: 19 });
  const lost = (boot: number, from: number, seq: number) =>
    sequencer.place(signed({ ...common, boot, seq, kind: "lost", from }));
  const nonsense = { place: "nonsense", cause: "SEQUENCE_JUMP" };
  expect(lost(2, 20, 19 + SEQUENCE_JUMP_MAX)).toEqual({ place: "next" });
  expect(lost(2, 20, 20 + SEQUENCE_JUMP_MAX)).toEqual(nonsense);
  expect(lost(2, 20, 2 ** 40)).toEqual(nonsense);
  expect(lost(3, 1, SEQUENCE_JUMP_MAX)).toEqual({ place: "next" });
  expect(lost(3, 1, SEQUENCE_JUMP_MAX + 1)).toEqual(nonsense);
  expect(lost(2 + BOOT_JUMP_MAX, 1, 9)).toEqual({ place: "next" });
  expect(lost(3 + BOOT_JUMP_MAX, 1, 9)).toEqual(nonsense);
  expect(sequencer.place(signed(restarted(2 ** 31, { boot: 2 ** 31 - 1, seq: 4 })))).toEqual(nonsense);
  expect(sequencer.committed).toEqual({ boot: 2, sequence: 19 });
});
