import { expect, test } from "vitest";
import { UNREACHABLE, type GraphqlFailure, type Result } from "../graphql/index.ts";
import { Renewed } from "./renewed.svelte.ts";

function watch() {
  const answers: ((answer: Result<string, GraphqlFailure>) => void)[] = [];
  let nowMs = 0;
  const deps = {
    ask: () => new Promise<Result<string, GraphqlFailure>>((answer) => answers.push(answer)),
    hubMs: () => (nowMs += 1_000),
  };
  return { held: new Renewed(deps, "80 %"), answers };
}

test("a look renews what was told and its time; one that fails keeps both, and says so until one succeeds", async () => {
  const { held, answers } = watch();
  expect([held.told, held.toldAtMs]).toEqual(["80 %", 1_000]);
  const failed = held.look();
  answers[0]?.({ ok: false, failure: UNREACHABLE });
  await failed;
  expect([held.told, held.toldAtMs, held.failure]).toEqual(["80 %", 1_000, UNREACHABLE]);
  const looked = held.look();
  answers[1]?.({ ok: true, value: "79 %" });
  await looked;
  expect([held.told, held.toldAtMs, held.failure]).toEqual(["79 %", 2_000, undefined]);
});

test("an answer that came too late changes nothing, whether a later look or another page overtook it", async () => {
  const { held, answers } = watch();
  const [first, second] = [held.look(), held.look()];
  answers[1]?.({ ok: true, value: "78 %" });
  answers[0]?.({ ok: true, value: "79 %" });
  await Promise.all([first, second]);
  expect(held.told).toBe("78 %");
  const late = held.look();
  held.show("50 %");
  answers[2]?.({ ok: false, failure: UNREACHABLE });
  await late;
  expect([held.told, held.failure]).toEqual(["50 %", undefined]);
});
