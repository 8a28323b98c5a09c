import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newId } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import { SIGN_WITHIN_MS, type AllowedCommand, type Dispatcher } from "../../locks/dispatch.ts";
import { OpeningStage, SAYS_NOTHING } from "../../simulation/opening-stage.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { openDoor } from "./open-door.ts";

const CHALLENGE = "AAAAAAAAAAAAAAAAAAAAAA";
const LOCK = 1;

let stage: OpeningStage;
let dispatcher: Dispatcher;

beforeAll(async () => {
  stage = await OpeningStage.open();
  ({ dispatcher } = stage.deps());
  stage.behaviours.set(LOCK, SAYS_NOTHING);
});
afterAll(() => stage.close());
afterEach(() => {
  stage.sent.length = 0;
  stage.signedAfterMs = 0;
  stage.connected = true;
});

function command(): AllowedCommand {
  const [id, operation] = [newId(systemRandom), newId(systemRandom)];
  const by = { credentialId: "credential-1", generation: 1, decidedAt: Date.now(), revision: 1 };
  return { id, operation, lock: stage.lock(LOCK), op: "open", ...by };
}

/** What the journal says was sent of a command: with the lock's challenge or without. */
async function sendings(of: AllowedCommand): Promise<readonly boolean[]> {
  const entries = await stage.entries();
  return entries.flatMap((entry) =>
    entry.kind === "command.sent" && entry.command === of.id ? [entry.data.challenged] : [],
  );
}

test("a command that a lock of untrusted time challenges is signed anew, once, and both sendings are in the journal", async () => {
  const sent = command();
  await dispatcher.send(sent);
  await dispatcher.meetChallenge(sent.lock, CHALLENGE);
  await dispatcher.meetChallenge(sent.lock, CHALLENGE);
  expect(stage.sent).toMatchObject([
    { channel: "cmd", id: sent.id, challenge: undefined },
    { channel: "cmd", id: sent.id, challenge: CHALLENGE },
  ]);
  expect(await sendings(sent)).toEqual([false, true]);
});

test("a challenge that comes too late, from another unit, or behind the proof, is not met", async () => {
  const late = command();
  await dispatcher.send(late);
  stage.signedAfterMs = SIGN_WITHIN_MS + 1;
  await dispatcher.meetChallenge(late.lock, CHALLENGE);
  stage.signedAfterMs = 0;

  const swapped = command();
  await dispatcher.send(swapped);
  await dispatcher.meetChallenge({ ...swapped.lock, unit: 99 }, CHALLENGE);

  const proven = await authorised();
  await stage.say(proven.lock, proven.id, "opened");
  expect(await pollUntil(() => stage.tracker.find(proven.id)?.standing.state === "opened", 5_000)).toBe(true);
  await dispatcher.meetChallenge(proven.lock, CHALLENGE);

  for (const each of [late, swapped, proven]) expect(await sendings(each)).toEqual([false]);
  expect(stage.sent.filter(({ challenge }) => challenge !== undefined)).toEqual([]);
});

/** A command that the tracker knows. */
async function authorised(): Promise<AllowedCommand> {
  const before = stage.sent.length;
  await openDoor({ ...stage.deps(), dispatcher }, stage.press(1, { lock: LOCK }));
  expect(await pollUntil(() => stage.sent.length > before, 5_000)).toBe(true);
  const id = stage.sent.at(-1)?.id ?? "";
  expect(await pollUntil(() => stage.tracker.find(id)?.standing.state === "sent", 5_000)).toBe(true);
  return { ...command(), id };
}

test("without a broker a command is abandoned, and no challenge brings it back", async () => {
  stage.connected = false;
  const abandoned = command();
  await dispatcher.send(abandoned);
  stage.connected = true;
  await dispatcher.meetChallenge(abandoned.lock, CHALLENGE);
  const entries = await stage.entries();
  expect(entries.find((entry) => entry.command === abandoned.id)).toMatchObject({
    kind: "command.abandoned",
    data: { cause: "HUB_OFFLINE" },
  });
  expect(stage.sent).toEqual([]);
});
