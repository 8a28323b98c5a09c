import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { storedCredential, testCredential } from "../simulation/broker.ts";
import type { TestCredential } from "../simulation/broker.ts";
import { pollUntil } from "../simulation/poll.ts";
import { RawMqtt, packet, text } from "../simulation/raw-mqtt.ts";
import { PACKET_BYTES_MAX } from "./broker-limits.ts";
import { startBrokerProcess } from "./broker-process.ts";
import { credentialsFile } from "./credentials.ts";
import type { CredentialsFile } from "./credentials.ts";
import { runBroker } from "./embedded-broker.ts";
import type { RunningBroker } from "./embedded-broker.ts";

const TENANT = "tenant-fjordby";
const hub = testCredential({ user: "hub-first" });
const lock = testCredential({ user: "lock-first", tenant: TENANT });
const base = { host: "127.0.0.1", port: 0, clock: systemClock };

let folder: string;
let credentialsPath: string;
let file: CredentialsFile;
let stops: (() => Promise<void>)[];

beforeEach(async () => {
  stops = [];
  folder = await mkdtemp(join(tmpdir(), "portner-broker-"));
  credentialsPath = join(folder, "credentials.jsonl");
  file = credentialsFile(credentialsPath, systemRandom);
  await file.write([hub, lock].map(storedCredential));
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await rm(folder, { recursive: true });
});

async function run(): Promise<RunningBroker> {
  const started = await runBroker({ ...base, credentialsPath, log: silentLog });
  if (!started.ok) return expect.unreachable(started.failure.code);
  stops.push(started.value.stop);
  return started.value;
}

async function welcome(url: string, { user, secret }: TestCredential): Promise<number | "closed"> {
  const client = new RawMqtt(url);
  const code = await client.connect({ clientId: user, user, secret });
  client.cut();
  return code;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a lock that was commissioned while the broker runs gets in without a restart", async () => {
  const broker = await run();
  const late = testCredential({ user: "lock-late", tenant: TENANT });
  expect(await welcome(broker.url, late)).not.toBe(0);
  expect((await file.add([storedCredential(late)])).ok).toBe(true);
  expect(await pollUntil(async () => (await welcome(broker.url, late)) === 0, 5_000)).toBe(true);
});

test("a credentials file gone bad leaves the former credentials in force", async () => {
  const broker = await run();
  await rm(credentialsPath);
  expect(await broker.reload()).toMatchObject({ failure: { code: "CREDENTIALS_MISSING" } });
  expect(await welcome(broker.url, lock)).toBe(0);
});

test("a lock may neither retain, nor keep a session, nor speak an older protocol", async () => {
  const { url } = await run();
  const { user, secret } = lock;
  for (const odd of [{ clean: false }, { level: 3 }]) {
    expect(await new RawMqtt(url).connect({ clientId: user, user, secret, ...odd })).not.toBe(0);
  }
  const client = new RawMqtt(url);
  expect(await client.connect({ clientId: user, user, secret })).toBe(0);
  expect(await client.publish(`portner/1/${TENANT}/${user}/evt`, "x", { retain: true })).toBe("closed");
});

test("not even a hub may retain a command", async () => {
  const { url } = await run();
  const client = new RawMqtt(url);
  expect(await client.connect({ clientId: hub.user, user: hub.user, secret: hub.secret })).toBe(0);
  expect(await client.publish(`portner/1/${TENANT}/${lock.user}/cmd`, "open", { retain: true })).toBe("closed");
});

test("a packet beyond the limit ends its connection before it is read, known or unknown", async () => {
  const { url } = await run();
  const stranger = new RawMqtt(url);
  stranger.write(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f));
  expect(await stranger.hungUp()).toBe(true);
  const client = new RawMqtt(url);
  expect(await client.connect({ clientId: lock.user, user: lock.user, secret: lock.secret })).toBe(0);
  expect(await client.publish(`portner/1/${TENANT}/${lock.user}/evt`, Buffer.alloc(PACKET_BYTES_MAX))).toBe("closed");
});

test("locks that say much at once, most of which nobody hears, harm nobody", async () => {
  const talkers = Array.from({ length: 20 }, (_, at) => testCredential({ user: `lock-talker-${at}`, tenant: TENANT }));
  await file.add(talkers.map(storedCredential));
  const { url } = await run();
  const listener = new RawMqtt(url);
  expect(await listener.connect({ clientId: hub.user, user: hub.user, secret: hub.secret })).toBe(0);
  expect(await listener.subscribe("portner/1/+/+/tel")).toBe(1);
  const clients = await Promise.all(
    talkers.map(async ({ user, secret }) => {
      const client = new RawMqtt(url);
      expect(await client.connect({ clientId: user, user, secret })).toBe(0);
      const own = `portner/1/${TENANT}/${user}`;
      const said = (channel: string, count: number) =>
        Array.from({ length: count }, () => packet(0x30, text(`${own}/${channel}`), Buffer.from("x")));
      return { client, own, burst: Buffer.concat([...said("tel", 200), ...said("evt", 4_000)]) };
    }),
  );
  for (const { client, burst } of clients) client.write(burst);
  for (const { client, own } of clients) {
    expect(await client.publish(`${own}/tel`, "last")).toBe("taken");
    expect(await listener.arrived(`${own}/tel`, "last")).toBe(true);
  }
  expect(listener.arrivals).toHaveLength(talkers.length * 201);
});

test("it serves no other machine, says so when the port is taken, and needs its credentials", async () => {
  const failed = async (options: object) => {
    const result = await runBroker({ ...base, credentialsPath, log: silentLog, ...options });
    return result.ok ? "started" : result.failure.code;
  };
  expect(await failed({ host: "0.0.0.0" })).toBe("BROKER_NOT_LOOPBACK");
  expect(await failed({ credentialsPath: join(folder, "none") })).toBe("CREDENTIALS_MISSING");
  expect(await failed({ port: (await run()).port })).toBe("BROKER_PORT_TAKEN");
});

test("the broker's process tells its failures, reloads, and stops when asked", async () => {
  const options = { ...base, credentialsPath, logLevel: "silent" } as const;
  const started = await startBrokerProcess(options);
  if (!started.ok) return expect.unreachable(started.failure.code);
  const { url, port, pid, reload, exited, stop } = started.value;
  stops.push(stop);
  expect(await startBrokerProcess({ ...options, port })).toMatchObject({
    failure: { code: "BROKER_PORT_TAKEN", port },
  });
  const late = testCredential({ user: "lock-late", tenant: TENANT });
  await file.add([storedCredential(late)]);
  expect(await reload()).toEqual({ ok: true, value: 3 });
  expect(await welcome(url, late)).toBe(0);
  process.kill(pid, "SIGINT");
  expect(await welcome(url, lock)).toBe(0);
  await stop();
  expect(await exited).toEqual({ code: 0, signal: null });
  expect(await reload()).toEqual({ ok: false, failure: { code: "BROKER_PROCESS_GONE" } });
});

test("the broker's process dies with its parent, also when that is killed", async () => {
  const script = `
    const { startBrokerProcess } = await import(${JSON.stringify(new URL("./broker-process.ts", import.meta.url).href)});
    const { systemClock } = await import(${JSON.stringify(new URL("../kernel/clock.ts", import.meta.url).href)});
    const options = { host: "127.0.0.1", port: 0, credentialsPath: process.argv[1], logLevel: "silent", clock: systemClock };
    const started = await startBrokerProcess(options);
    console.log(started.ok ? started.value.pid : started.failure.code);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script, credentialsPath], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line]: unknown[] = await once(parent.stdout, "data");
  const pid = Number(String(line));
  expect(isAlive(pid)).toBe(true);
  parent.kill("SIGKILL");
  expect(await pollUntil(() => !isAlive(pid), 5_000)).toBe(true);
});
