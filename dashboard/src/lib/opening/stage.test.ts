import { expect, test } from "vitest";
import type { OpeningOperation } from "./documents.ts";
import { outcomeWords, type Seen } from "./outcome-words.ts";
import { doorsOf, isOver, provenSteps, stepsDone } from "./stage.ts";

type State = OpeningOperation["commands"][number]["state"];
const AT = "2026-11-22T09:43:12Z";
const HERE: Seen = {
  ...{ isLive: true, isLost: false, nowMs: Date.parse(AT), language: "da" },
  nameOf: (lockId) => (lockId === "L0" ? "Opgang" : "Bolig"),
  timesOf: () => ({}),
  isSilent: () => false,
};

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
    const code = state === "UNKNOWN" || state === "DONE" ? "unknown" : "stopped";
    expect(outcomeWords(operation(["OPENED", state], "partial"), HERE).code).toBe(code);
  },
);

test("where a lock jams, there is something to be done at the door", () => {
  expect(outcomeWords(operation(["OPENED", "JAMMED"], "partial"), HERE).nextStep).toMatch(
    /Træk i døren, eller skub til den, mens der åbnes igen\. .* låsepartneren: døren kan være ulåst\.$/,
  );
  expect(outcomeWords(operation(["OPENED", "EXPIRED"], "partial"), HERE).nextStep).toBeUndefined();
});

test("an opening that stopped says at which door and why, in sentences", () => {
  const stopped = operation(["OPENED", "ABANDONED"], "partial");
  const commands = stopped.commands.map((command) => ({ ...command, detail: "HUB_OFFLINE" }));
  expect(outcomeWords({ ...stopped, commands }, HERE).text).toBe(
    "Åbningen stoppede: 1 af 2 åbnet. Bolig: blev aldrig sendt: Portner havde ingen forbindelse til låsene.",
  );
});

test("every door open is open, over a lost line too; a running one is not known without a line", () => {
  const open = operation(["OPENED", "OPENED"], "complete");
  expect(outcomeWords(open, HERE).code).toBe("opened");
  expect(outcomeWords(open, { ...HERE, isLive: false }).code).toBe("opened");
  const running = operation(["SENT"], "running");
  expect(outcomeWords(running, HERE).code).toBe("running");
  expect(outcomeWords(running, { ...HERE, isLive: false }).code).toBe("unknown-here");
  expect(outcomeWords(running, { ...HERE, isLost: true }).code).toBe("unknown-here");
});

test("a door that did not get to say is named as not known, and what it had proven stays proven", () => {
  const moving = provenSteps(operation(["MOVING", undefined], "running"));
  const lost = operation(["UNKNOWN", undefined], "partial");
  expect(provenSteps(lost, moving).get("L0")).toBe(3);
  expect(provenSteps(lost).get("L0")).toBe(0);
  const { code, text } = outcomeWords(lost, HERE);
  expect(code).toBe("unknown");
  expect(text).toContain("vides ikke, om denne dør åbnede: Opgang");
  expect(provenSteps(operation(["OPENED", undefined], "partial"), moving).get("L0")).toBe(4);
});

test("an opening whose hub died is over at the door that nobody knows of, before its end is told", () => {
  const orphan = operation(["UNKNOWN", undefined], "running");
  expect(isOver(orphan)).toBe(true);
  expect(isOver(operation(["MOVING", undefined], "running"))).toBe(false);
  expect(outcomeWords(orphan, HERE).code).toBe("unknown");
  expect(doorsOf(orphan).map(({ stage }) => stage)).toEqual(["unknown", "not-tried"]);
});

test("a door that was not tried because its lock is silent says so", () => {
  const stopped = operation(["OPENED", undefined], "partial");
  const { text } = outcomeWords(stopped, { ...HERE, isSilent: (lockId) => lockId === "L1" });
  expect(text).toContain("Bolig: ikke forsøgt: låsen er tavs.");
});

test("an opening tells when its last door opened, and once the lock says so, that it is locked again", () => {
  const open = operation(["OPENED"], "complete");
  const openedAtMs = Date.parse(AT);
  const opened = outcomeWords(open, { ...HERE, timesOf: () => ({ openedAtMs }) });
  expect(opened).toMatchObject({ tone: "ok", text: "Åbnet kl. 10.43.12: bekræftet af låsen selv." });
  const locked = outcomeWords(open, { ...HERE, timesOf: () => ({ openedAtMs, lockedAtMs: openedAtMs + 10_000 }) });
  expect(locked).toMatchObject({ code: "opened", tone: "neutral" });
  expect(locked.text).toContain("Låst igen kl. 10.43.22");
});
