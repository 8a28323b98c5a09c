import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { ask } from "./api-ask.ts";
import { enrolPhone, request, type Credentials } from "./api-client.ts";
import { listenBySse } from "./api-live.ts";
import { untilAllLive } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { readJournal } from "./journal-checks.ts";
import { runsByCommand, townLocks } from "./lock-checks.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

let town: RunningTown;
let hub: HubProcess;
let locks: SimulatedLocks;
let administrator: Credentials;

beforeAll(async () => {
  const world = generateTown({ seed: 7, locks: 24 });
  town = await startTown({ ...world, policy: { ...world.policy, remoteOpen: "onePerson" } });
  hub = await town.hub(0);
  locks = await town.locks(hub.url);
  administrator = await town.administrator(hub.url);
  await untilAllLive(town, hub.url, 60_000);
}, 150_000);

afterAll(() => town.end());

const Paths = z.object({
  myPaths: z.object({
    edges: z.array(
      z.object({
        node: z.object({ id: z.string(), doors: z.array(z.object({ lock: z.object({ id: z.string() }).nullable() })) }),
      }),
    ),
  }),
});

/** A carer's phone with a path of two locks at least, street inwards. */
async function carerWithPath() {
  for (const { employee, to } of town.world.memberships) {
    if (to !== undefined) continue;
    const phone = await enrolPhone(hub.url, administrator, employee);
    const document = "{ myPaths(first: 50) { edges { node { id doors { lock { id } } } } } }";
    const { myPaths } = await request(hub.url, phone.credentials, { document, answer: Paths });
    for (const { node } of myPaths.edges) {
      const inwards = node.doors.flatMap(({ lock }) => (lock === null ? [] : [lock.id]));
      if (inwards.length > 1) return { phone, path: node.id, locks: inwards };
    }
  }
  throw new PortnerError("TOWN_TOO_SMALL", "no path has two locks");
}

async function serialOf(globalId: string | undefined): Promise<string> {
  const { id } = parseGlobalId(globalId ?? "");
  return (await townLocks(town.db.database.raw)).find(({ publicId }) => publicId === id)?.serial ?? "";
}

test("a jam at the second door of a path is told as partial, with the door; a new press goes on once it is mended", async () => {
  const { phone, path, locks: inwards } = await carerWithPath();
  const [outer, inner] = [inwards[0], inwards[1]];
  locks.order({ serial: await serialOf(inner), do: "jam" });
  const key = newId(systemRandom);
  const jammed = await phone.open(hub.url, { path }, { waitMs: 15_000, key });
  expect(jammed).toMatchObject({ type: "OpenDoorSuccess", state: "JAMMED", outcome: "partial" });
  const { operation } = await stopped(phone.credentials, jammed.operation ?? "");
  expect(operation).toEqual({ outcome: "partial", stoppedAt: { id: inner } });
  expect(outer).not.toBe(inner);
  // The same press again tells the same, and moves nothing.
  const runs = (await runsByCommand(town)).size;
  expect(await phone.open(hub.url, { path }, { waitMs: 15_000, key })).toMatchObject({ state: "JAMMED" });
  expect((await runsByCommand(town)).size).toBe(runs);
  locks.order({ serial: await serialOf(inner), do: "unjam" });
  const opened = await phone.open(hub.url, { lock: inner ?? "" }, { waitMs: 15_000 });
  expect(opened).toMatchObject({ state: "OPENED", outcome: "complete" });
}, 60_000);

/** How an operation ended, as `commandChanged` shows it first. */
async function stopped(who: Credentials, id: string) {
  const query = "subscription($id: ID!) { operation: commandChanged(id: $id) { outcome stoppedAt { id } } }";
  const live = await listenBySse(hub.url, query, { who, variables: { id } });
  const item = await live.until(({ data }) => data !== undefined);
  live.close();
  return z
    .object({ operation: z.object({ outcome: z.string(), stoppedAt: z.object({ id: z.string() }) }) })
    .parse(item.data);
}

const REMOTE = `mutation($input: OpenDoorInput!) { openDoor(input: $input) { __typename
  ... on OpenDoorSuccess { state operation { id outcome } } ... on UserError { code } } }`;

test("a press says until when it counts: too late it opens nothing, and an end far away is refused", async () => {
  const { locks: inwards } = await carerWithPath();
  const press = (notAfterMs: number) => {
    const notAfter = new Date(Date.now() + notAfterMs).toISOString();
    return { target: { lock: inwards[0] }, idempotencyKey: newId(systemRandom), reason: "Borgeren ringer", notAfter };
  };
  const answer = async (input: object) =>
    (await ask(hub.url, REMOTE, { who: administrator, variables: { input } })).data["openDoor"];
  const runs = (await runsByCommand(town)).size;
  expect(await answer(press(-60_000))).toEqual({ __typename: "ConflictError", code: "TOO_LATE" });
  expect(await answer(press(90_000))).toEqual({ __typename: "InvalidInputError", code: "INVALID_INPUT" });
  expect((await runsByCommand(town)).size).toBe(runs);
}, 30_000);

test("one person opens a door for somebody else where the municipality lets them, with a reason, and the lock moves", async () => {
  const { locks: inwards } = await carerWithPath();
  const target = { lock: inwards[0] };
  const input = { target, idempotencyKey: newId(systemRandom), waitMs: 15_000 };
  const silent = await ask(hub.url, REMOTE, { who: administrator, variables: { input } });
  expect(silent.data["openDoor"]).toMatchObject({ code: "REASON_MISSING" });
  const reason = "Borgeren har låst sig ude";
  const opened = await ask(hub.url, REMOTE, { who: administrator, variables: { input: { ...input, reason } } });
  expect(opened.data["openDoor"]).toMatchObject({ state: "OPENED", operation: { outcome: "complete" } });
  const journal = await readJournal(town.db.database.raw);
  const begun = journal.filter(({ kind, data }) => kind === "opening.authorised" && data["reason"] !== null);
  expect(begun).toHaveLength(1);
  expect(begun[0]).toMatchObject({ credential: null, data: { basis: { type: "remote", policy: "onePerson" } } });
  // What was said stands apart from the journal, where it can be erased.
  expect(JSON.stringify(journal)).not.toContain(reason);
  const command = journal.find(
    ({ kind, data }) => kind === "command.authorised" && data["operation"] === begun[0]?.data["operation"],
  );
  expect((await runsByCommand(town)).get(command?.command ?? "")).toBe(1);
}, 60_000);
