import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { pollUntil } from "../../simulation/poll.ts";
import { freePort } from "../../simulation/ports.ts";
import {
  commandOf,
  descendantsOf,
  living,
  runPortner,
  startPortner,
  type PortnerProcess,
} from "../../simulation/portner-process.ts";

/** Starting everything takes five seconds on an idle machine with two cores; a busy one is several times slower. */
const START_MS = 60_000;
const LOCKS = 30;
const CURL = /^curl -N .*$/m;

let home: string;
let port: number;
const started: PortnerProcess[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "portner-demo-"));
  port = await freePort();
});
afterAll(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  await runPortner(["reset", "--yes"], { PORTNER_HOME: home });
  await rm(home, { recursive: true, force: true });
});

function startDemo(): PortnerProcess {
  const demo = startPortner(["demo", "--locks", String(LOCKS)], { PORTNER_HOME: home, PORT: String(port) });
  started.push(demo);
  return demo;
}

async function untilUp(demo: PortnerProcess): Promise<string> {
  const [line] = await demo.untilPrinted(CURL, START_MS);
  await demo.untilPrinted(new RegExp(`locks connected ${LOCKS}/${LOCKS}`), START_MS);
  return line;
}

async function interrupt(demo: PortnerProcess): Promise<void> {
  const family = descendantsOf(demo.child.pid ?? 0);
  expect(family.length).toBeGreaterThanOrEqual(4);
  demo.child.kill("SIGINT");
  demo.child.kill("SIGINT");
  expect(await demo.ended).toBe(0);
  expect(living(family)).toEqual([]);
  expect(demo.output.stderr).toBe("");
}

/** What a line of shell prints until it holds a match; then the line is ended. */
async function outputUntil(line: string, pattern: RegExp): Promise<string> {
  const shell = spawn("sh", ["-c", `exec ${line}`], { stdio: ["ignore", "pipe", "ignore"] });
  let printed = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await pollUntil(() => pattern.test(printed) || shell.exitCode !== null, START_MS);
  shell.kill("SIGKILL");
  return printed;
}

test("the demo comes up, and the curl line that it prints shows a door that moves", { timeout: 180_000 }, async () => {
  const demo = startDemo();
  const line = await untilUp(demo);
  const opened = /"node":\{"__typename":"[A-Za-z]+"/;
  expect(await outputUntil(line, opened)).toMatch(opened);
  const logins = [...demo.output.stdout.matchAll(/@fjordby\.example +(\S+)$/gm)].map(([, password]) => password);
  expect(new Set(logins).size).toBe(10);
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  expect((await stat(join(home, "sealing.key"))).mode & 0o777).toBe(0o600);
  const second = await runPortner(["demo"], { PORTNER_HOME: home, PORT: "0" });
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("DEMO_RUNNING")]);
  const checked = await runPortner(["check"], { PORTNER_HOME: home });
  expect([checked.code, checked.stdout]).toEqual([0, expect.not.stringContaining("NOT OK")]);
  const parts = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(join(home, "running.json"), "utf8")));
  const served = await runPortner(["serve"], { ...parts, MQTT_USER: "portner-other", PORT: "0" });
  expect([served.code, served.stderr]).toEqual([1, expect.stringContaining("(DEMO_DATABASE)")]);
  await interrupt(demo);
  expect(existsSync(join(home, "running.json"))).toBe(false);
});

test("the next start goes on with the same data, and one after kill -9 as well", { timeout: 180_000 }, async () => {
  const again = startDemo();
  const line = await untilUp(again);
  expect(line).toBe(CURL.exec(started[0]?.output.stdout ?? "")?.[0]);
  const family = descendantsOf(again.child.pid ?? 0);
  // Postgres alone outlives its owner; the next start ends it.
  const others = family.filter((pid) => !commandOf(pid).includes("postgres"));
  expect(others.length).toBeGreaterThanOrEqual(3);
  again.child.kill("SIGKILL");
  await again.ended;
  expect(await pollUntil(() => living(others).length === 0, START_MS)).toBe(true);
  const third = startDemo();
  expect(await untilUp(third)).toBe(line);
  expect(living(family)).toEqual([]);
  await interrupt(third);
});

test("a port that is taken is told before anything is started", async () => {
  const other = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const demo = await runPortner(["demo"], { PORTNER_HOME: home, PORT: String(port) });
  expect(demo).toMatchObject({
    code: 1,
    stderr: `portner: port ${port} is taken; set PORT to another, or stop what uses it (PORT_TAKEN)\n`,
  });
  await new Promise((resolve) => other.close(resolve));
});
