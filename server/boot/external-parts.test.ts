import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { newSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { enrolPhone, eventually, request, signInAs } from "../simulation/api-client.ts";
import { mosquittoAccount, startMosquittoProcess } from "../simulation/mosquitto.ts";
import { freePort } from "../simulation/ports.ts";
import { commandOf, descendantsOf, runPortner, startPortner } from "../simulation/portner-process.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { testedProgramFile } from "../simulation/program.ts";

// Everything an operator does by hand, each a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const START_MS = 60_000;
const LOCKS = 12;
const TOWN = generateTown({ seed: 7, locks: LOCKS });
const ADMINISTRATOR = "anne@fjordby.example";

let database: TestDatabase;
let folder: string;
let environment: Record<string, string>;
/** Ends what a test has started, the last first. */
let undo: (() => Promise<unknown>)[];

beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), "portner-external-"));
});
beforeEach(() => {
  undo = [];
  return async () => {
    for (const step of undo.toReversed()) await step();
  };
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function ok(args: readonly string[]): Promise<string> {
  const done = await runPortner(args, environment);
  expect(done).toMatchObject({ code: 0 });
  return done.stdout.trim();
}

/** Sets Mosquitto up as the documents say, in a folder of this name, and starts it. */
async function startMosquitto(name: string): Promise<void> {
  const port = await freePort();
  const home = join(folder, name);
  environment = {
    DATABASE_URL: database.url,
    PORTNER_KEY: newSecret(systemRandom),
    PORTNER_HOME: home,
    PORT: String(await freePort()),
    MQTT_URL: `mqtt://127.0.0.1:${port}`,
    MQTT_SECRET: newSecret(systemRandom),
    BROKER_FOLDER: join(home, "broker"),
  };
  const { account } = mosquittoAccount();
  await ok(["broker-config", "--port", String(port), ...(account === undefined ? [] : ["--account", account])]);
  const mosquitto = await startMosquittoProcess(join(home, "broker", "mosquitto.conf"), port);
  undo.push(async () => {
    process.kill(mosquitto.pid, "SIGTERM");
    await mosquitto.exited;
  });
}

/** The locks of a world as a process of their own, commissioned at the hub. */
async function startLocks(world: string, hub: string): Promise<void> {
  const args = ["run", "--world", world, "--hub", hub, "--state", join(folder, "locks")];
  const child = spawn(process.execPath, [testedProgramFile("simulator"), ...args], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  undo.push(async () => {
    child.kill("SIGKILL");
    await exited;
  });
}

const Locks = z.object({
  locks: z.object({
    edges: z.array(z.object({ node: z.object({ serial: z.string(), freshness: z.object({ state: z.string() }) }) })),
  }),
});

test("a hub in service on Mosquitto: locks are commissioned, let in, and one opens", async () => {
  await startMosquitto("serve");
  await ok(["migrate"]);
  const { id, name } = TOWN.tenant;
  const admin = ["--admin-login", ADMINISTRATOR, "--admin-name", "Anne Lund"];
  const password = await ok(["init", "--tenant", id, "--name", name, ...admin]);
  const world = join(folder, "town.json");
  await writeFile(world, worldText(TOWN));
  await ok(["import", world]);
  const passwd = () => readFile(join(environment["BROKER_FOLDER"] ?? "", "passwd"), "utf8");
  expect((await passwd()).trim().split("\n")).toHaveLength(1);

  const hub = startPortner(["serve"], environment);
  undo.push(async () => {
    hub.child.kill("SIGKILL");
    await hub.ended;
  });
  const url = `http://127.0.0.1:${environment["PORT"]}`;
  await eventually(() => isUp(url), START_MS);
  await startLocks(world, url);
  const administrator = await signInAs(url, ADMINISTRATOR, password);
  const document = `{ locks(first: ${LOCKS}) { edges { node { serial freshness { state } } } } }`;
  const states = await eventually(async () => {
    const { locks } = await request(url, administrator, { document, answer: Locks });
    const found = locks.edges.map(({ node }) => node.freshness.state);
    return found.filter((state) => state === "LIVE").length === LOCKS ? found : undefined;
  }, START_MS);
  expect(states).toHaveLength(LOCKS);
  expect((await passwd()).trim().split("\n")).toHaveLength(1 + LOCKS);

  const phone = await enrolPhone(url, administrator, carerWithBundle());
  const mine = "{ myPaths(first: 1) { edges { node { id } } } }";
  const { myPaths } = await request(url, phone.credentials, { document: mine, answer: MyPaths });
  const path = myPaths.edges[0]?.node.id ?? "";
  const opened = await phone.open(url, { path }, { waitMs: 15_000 });
  expect([opened, hub.output.stderr]).toMatchObject([
    { type: "OpenDoorSuccess", outcome: "complete" },
    expect.any(String),
  ]);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('portner_decisions_total{outcome="ALLOWED"} 1\n');
  expect(metrics).toContain("portner_broker_connections_total 1\n");
  expect(JSON.parse(await (await fetch(`${url}/version`)).text())).toEqual({ version: expect.stringMatching(/^\d/) });
  expect(await (await fetch(`${url}/graphql/schema.graphql`)).text()).toContain("type Subscription");
  hub.child.kill("SIGTERM");
  expect(await hub.ended).toBe(0);
});

const MyPaths = z.object({ myPaths: z.object({ edges: z.array(z.object({ node: z.object({ id: z.string() }) })) }) });

/** User id of somebody of the town who may open something now. */
function carerWithBundle(): string {
  const led = new Set(TOWN.paths.flatMap(({ bundles }) => bundles));
  return TOWN.memberships.find(({ bundle, to }) => to === undefined && led.has(bundle))?.employee ?? "";
}

async function isUp(url: string): Promise<true | undefined> {
  return fetch(`${url}/readyz`).then(
    ({ ok: ready }) => (ready ? true : undefined),
    () => undefined,
  );
}

test("the demo runs on a Postgres and a Mosquitto of somebody else, and goes nowhere near a real tenant", async () => {
  const own = await freshDatabase();
  undo.push(() => own.drop());
  await startMosquitto("demo");
  const real = await runPortner(["demo", "--locks", "12", "--no-pages"], environment);
  expect([real.code, real.stderr]).toEqual([1, expect.stringContaining("(DATABASE_NOT_DEMO)")]);

  const demo = startPortner(["demo", "--locks", "12", "--no-pages"], { ...environment, DATABASE_URL: own.url });
  undo.push(async () => {
    demo.child.kill("SIGKILL");
    await demo.ended;
  });
  await demo.untilPrinted(/^curl -N .*$/m, START_MS);
  await demo.untilPrinted(/locks connected 12\/12/, START_MS);
  const family = descendantsOf(demo.child.pid ?? 0).map(commandOf);
  expect(family.filter((command) => /postgres|broker\.mjs/.test(command))).toEqual([]);
  demo.child.kill("SIGINT");
  expect([await demo.ended, demo.output.stderr]).toEqual([0, ""]);
});
