import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { ask } from "./api-ask.ts";
import { enrolPhone, eventually, request, type Credentials, type TestPhone } from "./api-client.ts";
import type { HubProcess } from "./hub-process.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

let town: RunningTown;
let hub: HubProcess;
let locks: SimulatedLocks;
let administrator: Credentials;
let phone: TestPhone;
let paths: z.infer<typeof Paths>["myPaths"]["edges"];

const Paths = z.object({
  myPaths: z.object({
    edges: z.array(
      z.object({
        node: z.object({ id: z.string(), doors: z.array(z.object({ lock: z.object({ id: z.string() }).nullable() })) }),
      }),
    ),
  }),
});

/** An employee with a bundle, who may open something. */
function carer(): string {
  const member = town.world.memberships.find((each) => each.to === undefined && each.bundle !== undefined);
  return member?.employee ?? "";
}

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 7, locks: 24 }));
  hub = await town.hub(0);
  locks = await town.locks(hub.url);
  administrator = await town.administrator(hub.url);
  phone = await enrolPhone(hub.url, administrator, carer());
  const found = await request(hub.url, phone.credentials, {
    document: "{ myPaths(first: 50) { edges { node { id doors { lock { id } } } } } }",
    answer: Paths,
  });
  paths = found.myPaths.edges;
}, 90_000);

afterAll(() => town.end());

test("a carer opens a path: every lock on it moves, from the street inwards, and the answer waits for it", async () => {
  const path = paths.find(({ node }) => node.doors.filter((door) => door.lock !== null).length > 1) ?? paths[0];
  const answer = await phone.open(hub.url, { path: path?.node.id ?? "" }, { waitMs: 15_000 });
  expect(answer).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED", outcome: "complete" });
}, 30_000);

test("a second press with the same key opens nothing again and tells what became of the first", async () => {
  const lock = paths.flatMap(({ node }) => node.doors).find((door) => door.lock !== null)?.lock?.id ?? "";
  const key = "press-0001";
  const first = await phone.open(hub.url, { lock }, { waitMs: 10_000, key });
  const second = await phone.open(hub.url, { lock }, { waitMs: 10_000, key });
  expect(first).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
  expect(second.operation).toBe(first.operation);
  const other = await phone.open(hub.url, { path: paths[0]?.node.id ?? "" }, { key });
  expect(other).toMatchObject({ type: "ConflictError", code: "IDEMPOTENCY_KEY_REUSED" });
}, 30_000);

test("a blocked phone opens nothing from the answer on, and its session is over", async () => {
  const lost = await enrolPhone(hub.url, administrator, carer());
  const blocked = await request(hub.url, administrator, {
    document: `mutation($input: BlockCredentialInput!) { blockCredential(input: $input) {
      ... on BlockCredentialSuccess { endedSessions block { id reach { durable locksTotal } } } ... on UserError { code } } }`,
    variables: { input: { credential: lost.credential, reason: "lost on the bus" } },
    answer: z.object({ blockCredential: z.object({ endedSessions: z.int(), block: z.object({ id: z.string() }) }) }),
  });
  expect(blocked.blockCredential.endedSessions).toBe(1);
  await expect(lost.open(hub.url, { path: paths[0]?.node.id ?? "" })).rejects.toMatchObject({ code: "GRAPHQL" });
  const proven = await eventually(async () => {
    const { node } = await request(hub.url, administrator, {
      document: "query($id: ID!) { node(id: $id) { ... on Block { reach { locksProven locksTotal } } } }",
      variables: { id: blocked.blockCredential.block.id },
      answer: z.object({ node: z.object({ reach: z.object({ locksProven: z.int(), locksTotal: z.int() }) }) }),
    });
    return node.reach.locksProven === node.reach.locksTotal ? node.reach : undefined;
  }, 15_000);
  expect(proven.locksTotal).toBe(24);
}, 30_000);

test("whoever waits for a door that does not answer, twice in one request, is told how it stands before the time is up", async () => {
  const lock = paths.flatMap(({ node }) => node.doors).find((door) => door.lock !== null)?.lock?.id ?? "";
  process.kill(locks.pid, "SIGSTOP");
  try {
    const open =
      "openDoor(input: $input) { ... on OpenDoorSuccess { operation { outcome } } ... on UserError { code } }";
    const input = { target: { lock }, idempotencyKey: "press-0002", waitMs: 15_000 };
    const answer = await ask(hub.url, `mutation($input: OpenDoorInput!) { first: ${open} again: ${open} }`, {
      who: phone.credentials,
      variables: { input },
    });
    const running = { operation: { outcome: "running" } };
    expect([answer.codes, answer.data]).toEqual([[], { first: running, again: running }]);
  } finally {
    process.kill(locks.pid, "SIGCONT");
  }
}, 30_000);

test("a silent lock is refused at once and nothing is queued for it", async () => {
  await locks.stop();
  const lock = paths.flatMap(({ node }) => node.doors).find((door) => door.lock !== null)?.lock?.id ?? "";
  const answer = await eventually(async () => {
    const opened = await phone.open(hub.url, { lock }, { waitMs: 0 });
    return opened.code === "LOCK_OFFLINE" ? opened : undefined;
  }, 20_000);
  expect(answer.type).toBe("LockUnreachableError");
}, 30_000);
