import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { createToken } from "../identity/index.ts";
import { PortnerError } from "../kernel/errors.ts";
import { tenantByPublicId } from "../people/index.ts";
import { bearer, eventually } from "./api-client.ts";
import { listenBySse } from "./api-live.ts";
import { enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { startTown, type RunningTown } from "./running-town.ts";

const EXAMPLES = [
  ["sh", "follow.sh"],
  ["node", "follow.mjs"],
  ["python3", "follow.py"],
] as const;

const WITHIN_MS = 20_000;

const Edge = z.looseObject({
  cursor: z.string(),
  node: z.looseObject({ __typename: z.string(), id: z.string() }).nullable(),
});

let town: RunningTown;
let hub: HubProcess;
let carer: Carer;
let token: string;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 31, locks: 12 }));
  hub = await town.hub(0);
  await town.locks(hub.url);
  const tenant = await tenantByPublicId(town.db.database.tables, town.world.tenant.id);
  const made = await createToken(town.outside, {
    tenant: tenant?.id ?? 0,
    name: "Example",
    scopes: ["events:read"],
    lifeMs: 24 * 3_600_000,
  });
  if (!made.ok) throw new PortnerError(made.failure.code, "no token for the examples");
  token = made.value.text;
  const administrator = await town.administrator(hub.url);
  const [enrolled] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  if (enrolled === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open anything");
  carer = enrolled;
  await untilAllLive(town, hub.url, 60_000);
}, 120_000);

afterAll(() => town.end());

/** An example as a process of its own, with all edges that it printed. */
function start([program, file]: readonly [string, string], cursorFile: string) {
  const path = fileURLToPath(new URL(`../../docs/examples/${file}`, import.meta.url));
  const child = spawn(program, [path], {
    env: { PATH: process.env["PATH"], PORTNER_URL: hub.url, PORTNER_TOKEN: token, CURSOR_FILE: cursorFile },
    stdio: ["ignore", "pipe", "inherit"],
    // A shell's example is several processes; they are ended together.
    detached: true,
  });
  const edges: z.infer<typeof Edge>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => edges.push(Edge.parse(JSON.parse(line))));
  const exited = once(child, "exit");
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  return { edges, kill };
}

/** Lets a carer in, and answers the command that did it. */
async function letIn(): Promise<void> {
  const answer = await carer.phone.open(hub.url, { lock: carer.locks[0] ?? "" }, { waitMs: 10_000 });
  expect(answer).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
}

const opened = (edges: readonly z.infer<typeof Edge>[]) =>
  edges.filter(({ node }) => node?.__typename === "DoorOpened").length;

test.for(EXAMPLES)(
  "the example in %s prints what happens, and after a kill everything since",
  { timeout: 90_000 },
  async (example) => {
    const cursorFile = join(town.state, `cursor-${example[1]}`);
    const first = start(example, cursorFile);
    // Its first beat or event means that it listens.
    await letInUntil(() => opened(first.edges) > 0);
    await first.kill();
    const before = first.edges[0]?.cursor ?? "";
    await letIn();
    await letIn();
    const second = start(example, cursorFile);
    await eventually(() => Promise.resolve(opened(second.edges) >= 2 ? true : undefined), WITHIN_MS);
    await letIn();
    await expectWhole(before, () => [...first.edges, ...second.edges].map(({ cursor }) => cursor));
    await second.kill();
  },
);

test(
  "a hub that is killed under the examples and comes back costs none of them an event",
  { timeout: 120_000 },
  async () => {
    const running = EXAMPLES.map((example) => start(example, join(town.state, `cursor-hub-${example[1]}`)));
    await letInUntil(() => running.every(({ edges }) => opened(edges) > 0));
    const port = Number(new URL(hub.url).port);
    await hub.kill();
    hub = await town.hub(0, { port });
    await untilAllLive(town, hub.url, 60_000);
    const before = running.map(({ edges }) => opened(edges));
    await letIn();
    await letIn();
    const hasAll = () => running.every(({ edges }, at) => opened(edges) >= (before[at] ?? 0) + 2);
    await eventually(() => Promise.resolve(hasAll() ? true : undefined), WITHIN_MS);
    for (const { edges, kill } of running) {
      await expectWhole(edges[0]?.cursor ?? "", () => edges.map(({ cursor }) => cursor));
      await kill();
    }
  },
);

/** What an example printed from an event on is what the journal holds behind it. */
async function expectWhole(after: string, printed: () => readonly string[]): Promise<void> {
  const query = "subscription($after: Cursor) { doorEvents(after: $after) { cursor node { __typename id } } }";
  const journal = await listenBySse(hub.url, query, { who: bearer(token), variables: { after } });
  const Answer = z.object({ doorEvents: Edge });
  const told = () =>
    journal.items
      .map(({ data }) => Answer.parse(data).doorEvents)
      .filter(({ node }) => node !== null)
      .map(({ cursor }) => cursor);
  await eventually(
    () => Promise.resolve(told().length > 0 && told().at(-1) === printed().at(-1) ? true : undefined),
    WITHIN_MS,
  );
  // A kill between printing and remembering may print one event twice; nothing may be missing or out of order.
  const distinct = printed().filter((cursor, at, all) => all.indexOf(cursor) === at);
  expect(distinct.slice(1)).toEqual(told());
  journal.close();
}

/** The example may not listen yet: what happened before it did is not its to tell. */
async function letInUntil(isHeard: () => boolean): Promise<void> {
  await eventually(async () => {
    await letIn();
    return isHeard() ? true : undefined;
  }, 40_000);
}
