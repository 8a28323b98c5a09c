import { expect, test } from "vitest";
import type { OpeningOperation } from "./documents.ts";
import { outcomeWords } from "./outcome-words.ts";
import { doorsOf, stepsDone } from "./stage.ts";

type State = OpeningOperation["commands"][number]["state"];
const AT = "2026-11-22T09:43:12Z";
const HERE = { isLive: true, isLost: false };

function operation(states: readonly (State | undefined)[], outcome: string): OpeningOperation {
  const commands = states.flatMap((state, index) =>
    state === undefined
      ? []
      : [{ id: `C${index}`, state, detail: null, decidedAt: AT, expiresAt: AT, lock: { id: `L${index}` } }],
  );
  const locks = states.map((_state, index) => ({ id: `L${index}` }));
  return { id: "O", outcome, createdAt: AT, skippedDoors: 0, locks, stoppedAt: null, commands };
}

test("doors wait for the one before them, and are not tried when it fails", () => {
  expect(doorsOf(operation(["SENT", undefined], "running")).map(({ stage }) => stage)).toEqual(["sent", "waiting"]);
  const stopped = operation(["JAMMED", undefined], "partial");
  expect(doorsOf(stopped).map(({ stage }) => stage)).toEqual(["jammed", "not-tried"]);
});

test.each<[State, number]>([
  ["AUTHORISED", 0],
  ["SENT", 1],
  ["ACCEPTED", 2],
  ["MOVING", 3],
  ["OPENED", 4],
  ["JAMMED", 3],
  ["REJECTED", 1],
  ["EXPIRED", 0],
  ["UNKNOWN", 0],
  ["DONE", 0],
])("a door whose command is %s has %i steps confirmed", (state, steps) => {
  expect(stepsDone(doorsOf(operation([state], "running"))[0]?.stage ?? "waiting")).toBe(steps);
});

test.each<[State]>([["AUTHORISED"], ["SENT"], ["ACCEPTED"], ["MOVING"], ["UNKNOWN"], ["EXPIRED"], ["DONE"]])(
  "nothing but the lock's own word is open: %s is not",
  (state) => {
    for (const outcome of ["running", "complete", "partial"]) {
      expect(outcomeWords(operation([state], outcome), HERE).code).not.toBe("opened");
    }
    expect(outcomeWords(operation(["OPENED", state], "partial"), HERE).code).toBe("stopped");
  },
);

test("an opening that stopped says at which door and why, in sentences", () => {
  const stopped = operation(["OPENED", "ABANDONED"], "partial");
  const commands = stopped.commands.map((command) => ({ ...command, detail: "HUB_OFFLINE" }));
  expect(outcomeWords({ ...stopped, commands }, HERE).text).toBe(
    "Åbningen stoppede: 1 af 2 åbnet. Blev aldrig sendt: Portner havde ingen forbindelse til låsene.",
  );
});

test("every door open is open, over a lost line too; a running one is not known without a line", () => {
  const open = operation(["OPENED", "OPENED"], "complete");
  expect(outcomeWords(open, HERE).code).toBe("opened");
  expect(outcomeWords(open, { isLive: false, isLost: false }).code).toBe("opened");
  const running = operation(["SENT"], "running");
  expect(outcomeWords(running, HERE).code).toBe("running");
  expect(outcomeWords(running, { isLive: false, isLost: false }).code).toBe("unknown-here");
  expect(outcomeWords(running, { isLive: true, isLost: true }).code).toBe("unknown-here");
});
