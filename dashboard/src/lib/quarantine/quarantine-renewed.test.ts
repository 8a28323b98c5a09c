import { expect, test } from "vitest";
import { UNREACHABLE, type GraphqlFailure, type Result } from "../graphql/index.ts";
import type { Quarantine } from "./load-quarantine.ts";
import { Renewed } from "../live/renewed.svelte.ts";

function quarantine(totalCount: number): Quarantine {
  return { locks: [], totalCount, messages: [], pageInfo: { hasNextPage: false, endCursor: null } };
}

function watch() {
  const answers: ((answer: Result<Quarantine, GraphqlFailure>) => void)[] = [];
  let nowMs = -1_000;
  const held = new Renewed<Quarantine>(
    {
      ask: () => new Promise((answer) => answers.push(answer)),
      hubMs: () => (nowMs += 1_000),
    },
    quarantine(0),
  );
  return { held, answers };
}

test("a lock that comes into quarantine is shown by the next look, with its time", async () => {
  const { held, answers } = watch();
  held.show(quarantine(0));
  expect([held.told.totalCount, held.toldAtMs]).toEqual([0, 1_000]);
  const looked = held.look();
  answers[0]?.({ ok: true, value: quarantine(1) });
  await looked;
  expect([held.told.totalCount, held.toldAtMs]).toEqual([1, 2_000]);
});

test("a look that fails keeps what was told, with the time of that, and says so until one succeeds", async () => {
  const { held, answers } = watch();
  held.show(quarantine(2));
  const failed = held.look();
  answers[0]?.({ ok: false, failure: UNREACHABLE });
  await failed;
  expect([held.told.totalCount, held.toldAtMs, held.failure]).toEqual([2, 1_000, UNREACHABLE]);
  const again = held.look();
  answers[1]?.({ ok: true, value: quarantine(3) });
  await again;
  expect([held.told.totalCount, held.failure]).toEqual([3, undefined]);
});

test("an answer that came too late changes nothing, whether a later look or another page overtook it", async () => {
  const { held, answers } = watch();
  held.show(quarantine(0));
  const [first, second] = [held.look(), held.look()];
  answers[1]?.({ ok: true, value: quarantine(2) });
  answers[0]?.({ ok: true, value: quarantine(1) });
  await Promise.all([first, second]);
  expect(held.told.totalCount).toBe(2);
  const late = held.look();
  held.show(quarantine(5));
  answers[2]?.({ ok: false, failure: UNREACHABLE });
  await late;
  expect([held.told.totalCount, held.failure]).toEqual([5, undefined]);
});
