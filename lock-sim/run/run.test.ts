import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestBroker, testCredential, type TestBroker } from "../../server/simulation/broker.ts";
import { LiveHub } from "../bench/live-hub.ts";
import { readWitness } from "../physics/witness.ts";
import { generateTown, worldText } from "../town/generate.ts";

const LOCKS = 6;
const town = generateTown({ seed: 7, locks: LOCKS });
const serials = town.locks.map((lock) => lock.serial);
const [first = ""] = serials;
const patience = { timeout: 15_000, interval: 50 };

let folder = "";
let broker: TestBroker;
let hub: LiveHub;
let hubUrl = "";

/** A simulator in a process of its own, and the lines it printed. */
interface Simulator {
  readonly child: ChildProcess;
  readonly lines: { readonly event?: string; readonly ok?: boolean }[];
  tell(order: object): void;
}

async function startSimulator(): Promise<Simulator> {
  const cli = join(import.meta.dirname, "..", "cli.ts");
  const at = ["--world", join(folder, "world.json"), "--hub", hubUrl, "--state", join(folder, "state")];
  const child = spawn(process.execPath, [cli, "run", ...at], { stdio: ["pipe", "pipe", "inherit"] });
  const lines: Simulator["lines"] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  await vi.waitFor(() => expect(lines.map((line) => line.event)).toContain("ready"), patience);
  return { child, lines, tell: (order) => child.stdin.write(`${JSON.stringify(order)}\n`) };
}

async function stopSimulator({ child }: Simulator): Promise<number | null> {
  child.kill("SIGTERM");
  if (child.exitCode === null) await once(child, "exit");
  return child.exitCode;
}

function kindsAbout(serial: string, id: string): string[] {
  return hub
    .lock(serial)
    .events.filter((event) => "cmd" in event && event.cmd === id)
    .map((event) => event.kind);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-sim-"));
  await writeFile(join(folder, "world.json"), worldText(town));
  const credential = testCredential({ user: "hub-of-test" });
  broker = await startTestBroker({ credentials: [credential] });
  hub = new LiveHub({
    brokerUrl: broker.url,
    user: credential.user,
    secret: credential.secret,
    admit: ({ lock, tenant, secret }) => broker.addCredentials([{ role: "lock", user: lock, tenant, secret }]),
  });
  hubUrl = await hub.start();
});

afterAll(async () => {
  await hub.stop();
  await broker.stop();
  await rm(folder, { recursive: true });
});

test("a town's locks are commissioned, obey over a real broker, and go on where they were after a stop", async () => {
  const simulator = await startSimulator();
  expect(hub.calls.toSorted()).toEqual(serials.toSorted());
  const id = await hub.open(first);
  await vi.waitFor(() => expect(kindsAbout(first, id)).toEqual(["accepted", "moving", "moved"]), patience);
  const kinds = () => hub.lock(first).events.map((event) => event.kind);
  await vi.waitFor(() => expect(kinds().filter((kind) => kind === "door")).toHaveLength(2), patience);
  expect(hub.lock(first).beats).toBeGreaterThan(0);
  expect(await stopSimulator(simulator)).toBe(0);
  expect(hub.lock(first).gone).toBe(0);
  const again = await startSimulator();
  expect(hub.calls).toHaveLength(LOCKS);
  await vi.waitFor(() => expect(kinds().at(-1)).not.toBe("door"), patience);
  expect(hub.lock(first).events.filter((event) => event.kind === "restarted")).toHaveLength(2);
  expect(await stopSimulator(again)).toBe(0);
  const runs = await readWitness(join(folder, "state", first, "world.log"));
  expect(runs.filter((run) => run.cmd === id)).toHaveLength(1);
});

test("no event is lost when the broker is killed in the middle, and the simulator, and power at one lock", async () => {
  const simulator = await startSimulator();
  for (const serial of serials) simulator.tell({ serial, do: "tamper", what: "cover" });
  await broker.restart();
  for (const serial of serials) simulator.tell({ serial, do: "tamper", what: "force" });
  simulator.tell({ serial: first, do: "powerLoss" });
  const answered = () => simulator.lines.filter((line) => line.event === "done" && line.ok === true);
  await vi.waitFor(() => expect(answered()).toHaveLength(2 * LOCKS + 1), patience);
  simulator.child.kill("SIGKILL");
  await once(simulator.child, "exit");
  const again = await startSimulator();
  const tampers = (serial: string) =>
    hub.lock(serial).events.flatMap((event) => (event.kind === "tamper" ? [event.what] : []));
  await vi.waitFor(() => expect(serials.map(tampers)).toEqual(serials.map(() => ["cover", "force"])), patience);
  expect(await stopSimulator(again)).toBe(0);
}, 60_000);
