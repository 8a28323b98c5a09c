import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { startTestBroker, testCredential } from "../simulation/broker.ts";
import type { TestBroker, TestCredential } from "../simulation/broker.ts";
import { pollUntil } from "../simulation/poll.ts";
import { RawMqtt } from "../simulation/raw-mqtt.ts";
import { connectBroker } from "./connection.ts";
import type { BrokerConnection } from "./connection.ts";
import type { RawMessage } from "./link.ts";
import { createPublisher } from "./publisher.ts";

const TENANT = "tenant-fjordby";
const LOCK = "lock-first";
const CMD = `portner/1/${TENANT}/${LOCK}/cmd`;
const EVT = `portner/1/${TENANT}/${LOCK}/evt`;
const hub = testCredential({ user: "hub-first" });
const lock = testCredential({ user: LOCK, tenant: TENANT });

let broker: TestBroker;
let open: BrokerConnection[];

beforeEach(async () => {
  open = [];
  broker = await startTestBroker({ credentials: [hub, lock] });
});
afterEach(async () => {
  for (const connection of open) connection.stop();
  await broker.stop();
});

function connect({ user, secret }: TestCredential, onMessage: (message: RawMessage) => void = () => undefined) {
  const deps = { clock: systemClock, random: systemRandom, log: silentLog };
  const connected = connectBroker({ url: broker.url, user, secret, onMessage }, deps);
  if (!connected.ok) return expect.unreachable(connected.failure.code);
  open.push(connected.value);
  return connected.value;
}

async function whenConnected(connection: BrokerConnection): Promise<void> {
  expect(await pollUntil(() => connection.state().status === "connected", 10_000)).toBe(true);
}

async function joinedLock(...topics: string[]): Promise<RawMqtt> {
  const client = new RawMqtt(broker.url);
  expect(await client.connect({ clientId: LOCK, user: LOCK, secret: lock.secret })).toBe(0);
  for (const topic of topics) expect(await client.subscribe(topic)).toBe(1);
  return client;
}

const command = (payload: string) =>
  ({ channel: "cmd", tenant: TENANT, lock: LOCK, payload: Buffer.from(payload) }) as const;

test("commands reach the lock and its events the hub", async () => {
  const heard: string[] = [];
  const connection = connect(hub, ({ topic, payload }) => heard.push(`${topic} ${Buffer.from(payload).toString()}`));
  await whenConnected(connection);
  const client = await joinedLock(CMD);
  expect(await createPublisher(connection).publish(command("open"))).toBe("sent");
  expect(await client.arrived(CMD, "open")).toBe(true);
  expect(await client.publish(EVT, "opened")).toBe("taken");
  expect(await pollUntil(() => heard.includes(`${EVT} opened`), 5_000)).toBe(true);
});

test("an open published while the broker is away is refused at once and never delivered", async () => {
  const connection = connect(hub);
  await whenConnected(connection);
  const publisher = createPublisher(connection);
  await broker.kill();
  expect(await pollUntil(() => connection.state().status === "disconnected", 5_000)).toBe(true);
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => publisher.publish(command("too late"))));
  expect(new Set(outcomes)).toEqual(new Set(["offline"]));

  await broker.restart();
  const client = await joinedLock(CMD);
  await whenConnected(connection);
  expect(await publisher.publish(command("in time"))).toBe("sent");
  expect(await client.arrived(CMD, "in time")).toBe(true);
  expect(client.arrivals.map(({ payload }) => payload.toString())).toEqual(["in time"]);
});

test("an open in flight when the broker is killed is unconfirmed, and not repeated by the next link", async () => {
  const connection = connect(hub);
  await whenConnected(connection);
  const publisher = createPublisher(connection);
  process.kill(broker.pid(), "SIGSTOP");
  const outcome = publisher.publish({ ...command("unconfirmed"), deadlineMs: 10_000 });
  await broker.kill();
  expect(await outcome).toBe("timeout");
  await broker.restart();
  const client = await joinedLock(CMD);
  await whenConnected(connection);
  expect(await publisher.publish(command("next"))).toBe("sent");
  expect(await client.arrived(CMD, "next")).toBe(true);
  expect(client.arrivals.map(({ payload }) => payload.toString())).toEqual(["next"]);
});

test("after a kill the hub is back by itself, hears again, and lays its retained documents anew", async () => {
  const heard: RawMessage[] = [];
  const connection = connect(hub, (message) => heard.push(message));
  const publisher = createPublisher(connection);
  const deny = { channel: "deny", tenant: TENANT, payload: Buffer.from("document"), retain: true } as const;
  const laid: string[] = [];
  connection.onConnected(() => void publisher.publish(deny).then((outcome) => laid.push(outcome)));
  expect(await pollUntil(() => laid.length === 1, 5_000)).toBe(true);
  await broker.kill();
  heard.length = 0;
  await broker.restart();
  expect(await pollUntil(() => laid.length === 2, 10_000)).toBe(true);
  expect(laid).toEqual(["sent", "sent"]);

  const client = await joinedLock(`portner/1/${TENANT}/deny`);
  expect(await client.arrived(`portner/1/${TENANT}/deny`, "document")).toBe(true);
  expect(client.arrivals[0]?.retained).toBe(true);
  await client.publish(EVT, "still here");
  expect(await pollUntil(() => heard.some(({ topic }) => topic === EVT), 5_000)).toBe(true);
  // What a hub publishes comes back to it, so that it can see that it stands.
  expect(await pollUntil(() => heard.some(({ topic }) => topic.endsWith("/deny")), 5_000)).toBe(true);
});

test("a hub that comes to a running broker reads the retained documents back", async () => {
  const first = connect(hub);
  await whenConnected(first);
  const document = {
    channel: "cfg",
    tenant: TENANT,
    lock: LOCK,
    payload: Buffer.from("settings"),
    retain: true,
  } as const;
  expect(await createPublisher(first).publish(document)).toBe("sent");
  first.stop();
  const heard: RawMessage[] = [];
  connect(hub, (message) => heard.push(message));
  expect(await pollUntil(() => heard.length > 0, 5_000)).toBe(true);
  expect(heard[0]).toMatchObject({ topic: `portner/1/${TENANT}/${LOCK}/cfg`, retained: true });
});

test("a hub with wrong credentials says REFUSED and goes on asking", async () => {
  const connection = connect(testCredential({ user: "hub-first" }));
  expect(await pollUntil(() => connection.state().status === "disconnected", 5_000)).toBe(true);
  const refused = (): boolean => {
    const state = connection.state();
    return state.status === "disconnected" && state.reason === "REFUSED";
  };
  expect(await pollUntil(refused, 5_000)).toBe(true);
  await broker.stop();
  expect(await pollUntil(() => !refused(), 10_000)).toBe(true);
  expect(connection.state()).toMatchObject({ status: "disconnected", reason: "UNREACHABLE" });
});

test("a stopped connection stays stopped, and tells its listeners once", async () => {
  const connection = connect(hub);
  await whenConnected(connection);
  const states: string[] = [];
  connection.onState((state) => states.push(state.status === "connected" ? "connected" : state.reason));
  connection.stop();
  connection.stop();
  expect(await createPublisher(connection).publish(command("open"))).toBe("offline");
  expect(states).toEqual(["STOPPED"]);
});

test("a message beyond the contract's size is the caller's mistake", () => {
  const publisher = createPublisher(connect(hub));
  expect(() => publisher.publish({ ...command(""), payload: new Uint8Array(4_097) })).toThrow("beyond the contract");
});
