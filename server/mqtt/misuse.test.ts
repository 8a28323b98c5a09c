import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestBroker, testCredential } from "../simulation/broker.ts";
import type { TestBroker, TestCredential } from "../simulation/broker.ts";
import { RawMqtt } from "../simulation/raw-mqtt.ts";
import type { RawConnect } from "../simulation/raw-mqtt.ts";

const TENANT = "tenant-fjordby";
const FOREIGN = "tenant-elsewhere";
const SELF = "lock-mallory";
const VICTIM = "lock-victim";
const STRANGER = "lock-stranger";
const OWN = `portner/1/${TENANT}/${SELF}`;
const OTHER = `portner/1/${TENANT}/${VICTIM}`;
const ABROAD = `portner/1/${FOREIGN}/${STRANGER}`;

const credentials = {
  hub: testCredential({ user: "hub-listening" }),
  self: testCredential({ user: SELF, tenant: TENANT }),
  victim: testCredential({ user: VICTIM, tenant: TENANT }),
  stranger: testCredential({ user: STRANGER, tenant: FOREIGN }),
};

/** Topics of everybody but the misbehaving lock, by who would hear them. */
const HEARD_BY_HUB = [OTHER, OWN, ABROAD].flatMap((lock) => ["evt", "tel", "ask", "gone"].map((it) => `${lock}/${it}`));
const HUB_SPEAKS = [OTHER, ABROAD].flatMap((lock) => ["cmd", "ack", "ans", "cfg"].map((it) => `${lock}/${it}`));
const FOREIGN_DENY = `portner/1/${FOREIGN}/deny`;
const OWN_DENY = `portner/1/${TENANT}/deny`;
const OWN_HEARD = [...["cmd", "ack", "ans", "cfg"].map((it) => `${OWN}/${it}`), OWN_DENY];

/** Where the misbehaving lock lives: what it must not reach. With one tenant there is no stranger. */
type Scene = { broker: TestBroker; hub: RawMqtt; victim: RawMqtt; stranger: RawMqtt | undefined };

async function joined(url: string, { user, secret }: TestCredential): Promise<RawMqtt> {
  const client = new RawMqtt(url);
  expect(await client.connect({ clientId: user, user, secret })).toBe(0);
  return client;
}

async function joinedStranger(url: string): Promise<RawMqtt> {
  const stranger = await joined(url, credentials.stranger);
  for (const it of ["cmd", "ack", "ans", "cfg"]) expect(await stranger.subscribe(`${ABROAD}/${it}`)).toBe(1);
  expect(await stranger.subscribe(FOREIGN_DENY)).toBe(1);
  return stranger;
}

async function setScene(broker: TestBroker, tenants: number): Promise<Scene> {
  const { url } = broker;
  const hub = await joined(url, credentials.hub);
  for (const channel of ["evt", "tel", "ask", "gone", "cfg"])
    expect(await hub.subscribe(`portner/1/+/+/${channel}`)).toBe(1);
  expect(await hub.subscribe("portner/1/+/deny")).toBe(1);
  const victim = await joined(url, credentials.victim);
  for (const it of ["cmd", "ack", "ans", "cfg"]) expect(await victim.subscribe(`${OTHER}/${it}`)).toBe(1);
  expect(await victim.subscribe(OWN_DENY)).toBe(1);
  return { broker, hub, victim, stranger: tenants > 1 ? await joinedStranger(url) : undefined };
}

let serial = 0;

/** Waits until whatever the broker took before must have been delivered: marks travel the same queues. */
async function settled({ hub, victim, stranger }: Scene): Promise<void> {
  const mark = `mark-${(serial += 1)}`;
  await hub.publish(`${OTHER}/cmd`, mark);
  await hub.publish(`${ABROAD}/cmd`, mark);
  await victim.publish(`${OTHER}/tel`, mark);
  expect(await victim.arrived(`${OTHER}/cmd`, mark)).toBe(true);
  if (stranger !== undefined) expect(await stranger.arrived(`${ABROAD}/cmd`, mark)).toBe(true);
  expect(await hub.arrived(`${OTHER}/tel`, mark)).toBe(true);
}

function heard({ hub, victim, stranger }: Scene, payload: string): string[] {
  return [hub, victim, ...(stranger === undefined ? [] : [stranger])].flatMap((client) =>
    client.arrivals.filter((it) => it.payload.toString() === payload).map((it) => it.topic),
  );
}

const publishes: readonly { name: string; topic: string; qos?: number; retain?: boolean; hubSees?: true }[] = [
  ...HUB_SPEAKS.map((topic) => ({ name: "to another lock", topic })),
  ...HEARD_BY_HUB.filter((it) => !it.startsWith(OWN)).map((topic) => ({ name: "in another lock's name", topic })),
  ...OWN_HEARD.map((topic) => ({ name: "to itself in the hub's name", topic })),
  { name: "a foreign tenant's deny", topic: FOREIGN_DENY },
  { name: "a retained deny of the tenant", topic: OWN_DENY, retain: true },
  { name: "a retained cfg for another lock", topic: `${OTHER}/cfg`, retain: true },
  { name: "its own events under another tenant", topic: `portner/1/${FOREIGN}/${SELF}/evt` },
  { name: "another version of the tree", topic: `portner/2/${TENANT}/${SELF}/evt` },
  { name: "an unknown channel of its own", topic: `${OWN}/log` },
  { name: "below its own channel", topic: `${OWN}/evt/more` },
  { name: "above its own channel", topic: OWN },
  { name: "with an empty level", topic: `portner/1/${TENANT}//evt` },
  { name: "with a leading slash", topic: `/${OWN}/evt` },
  { name: "with a trailing slash", topic: `${OWN}/evt/` },
  { name: "in upper case", topic: `portner/1/${TENANT}/${SELF.toUpperCase()}/evt` },
  { name: "with a wildcard level", topic: `portner/1/${TENANT}/+/evt` },
  { name: "with a hash", topic: "portner/1/#" },
  { name: "to the broker's own tree", topic: "$SYS/broker/clients/connected" },
  { name: "to a shared name", topic: `$share/g/${OTHER}/cmd` },
  { name: "elsewhere", topic: "home/livingroom/lamp" },
  { name: "another's event at QoS 2", topic: `${OTHER}/evt`, qos: 2 },
  { name: "its own event at QoS 2", topic: `${OWN}/evt`, qos: 2 },
  { name: "another's telemetry at QoS 0", topic: `${OTHER}/tel`, qos: 0 },
];

const filters: readonly string[] = [
  "#",
  "+/#",
  "portner/#",
  "portner/1/#",
  `portner/1/${TENANT}/#`,
  `portner/1/${TENANT}/+/cmd`,
  `portner/1/${TENANT}/+/evt`,
  "portner/1/+/+/evt",
  "portner/1/+/+/cmd",
  "portner/1/+/deny",
  `portner/1/+/${SELF}/cmd`,
  "+/+/+/+/+",
  `${OTHER}/#`,
  `${OTHER}/cmd`,
  `${OTHER}/ack`,
  `${OTHER}/ans`,
  `${OTHER}/cfg`,
  `${OTHER}/evt`,
  `${OTHER}/gone`,
  `${ABROAD}/cmd`,
  FOREIGN_DENY,
  `${OWN}/evt`,
  `${OWN}/+`,
  `$share/group/${OTHER}/cmd`,
  "$share/group/portner/1/+/+/evt",
  "$share/group/#",
  "$SYS/#",
  "$SYS/broker/clients/connected",
];

const { secret } = credentials.self;
const connects: readonly { name: string; as: RawConnect }[] = [
  { name: "nobody", as: { clientId: SELF } },
  { name: "nobody, with an empty client id", as: { clientId: "" } },
  { name: "a name without a secret", as: { clientId: SELF, user: SELF } },
  { name: "a name with an empty secret", as: { clientId: SELF, user: SELF, secret: "" } },
  { name: "a name with another lock's secret", as: { clientId: VICTIM, user: VICTIM, secret } },
  { name: "a hub with a lock's secret", as: { clientId: "hub-listening", user: "hub-listening", secret } },
  { name: "an unknown name", as: { clientId: "lock-unknown", user: "lock-unknown", secret } },
  { name: "a name in upper case", as: { clientId: SELF, user: SELF.toUpperCase(), secret } },
  { name: "a wildcard name", as: { clientId: "+", user: "+", secret } },
  { name: "an empty name", as: { clientId: SELF, user: "", secret } },
  { name: "a property of every object", as: { clientId: "__proto__", user: "__proto__", secret } },
  { name: "itself with a longer secret", as: { clientId: SELF, user: SELF, secret: `${secret}x` } },
];

const oddIds: readonly string[] = [
  VICTIM,
  "hub-listening",
  STRANGER,
  "",
  "+",
  "#",
  "a/b",
  "constructor",
  `${SELF} `,
  "x".repeat(300),
];

const wills: readonly { name: string; will: NonNullable<RawConnect["will"]> }[] = [
  { name: "a command for another lock", will: { topic: `${OTHER}/cmd` } },
  { name: "another lock's gone", will: { topic: `${OTHER}/gone` } },
  { name: "another lock's event", will: { topic: `${OTHER}/evt` } },
  { name: "the tenant's deny", will: { topic: OWN_DENY, retain: true } },
  { name: "a foreign tenant's deny", will: { topic: FOREIGN_DENY } },
];

describe.each([
  { kind: "embedded", tenants: 2 },
  { kind: "mosquitto", tenants: 2 },
  { kind: "mosquitto", tenants: 1 },
] as const)("on the $kind broker with $tenants tenants", ({ kind, tenants }) => {
  let scene: Scene;

  beforeAll(async () => {
    const { stranger, ...home } = credentials;
    const known = [...Object.values(home), ...(tenants > 1 ? [stranger] : [])];
    scene = await setScene(await startTestBroker({ credentials: known, kind }), tenants);
  });
  afterAll(() => scene.broker.stop());

  test.each(publishes)("a lock can't publish $name ($topic)", async ({ topic, qos = 1, retain = false }) => {
    const payload = `misuse-${(serial += 1)}`;
    const self = await joined(scene.broker.url, credentials.self);
    for (const own of OWN_HEARD) expect(await self.subscribe(own)).toBe(1);
    const outcome = await self.publish(topic, payload, { qos, retain });
    await settled(scene);
    expect(heard(scene, payload)).toEqual([]);
    expect(self.arrivals.map((it) => it.topic)).toEqual([]);
    if (kind === "embedded") expect(outcome).toBe("closed");
    self.cut();
  });

  test.each(filters)("a lock hears nothing that isn't its own by subscribing to %s", async (filter) => {
    const self = await joined(scene.broker.url, credentials.self);
    const granted = await self.subscribe(filter);
    if (kind === "embedded") expect([128, "closed"]).toContain(granted);
    for (const topic of [...HUB_SPEAKS, FOREIGN_DENY, ...OWN_HEARD]) await scene.hub.publish(topic, "whisper");
    for (const it of ["evt", "tel", "ask", "gone"]) await scene.victim.publish(`${OTHER}/${it}`, "whisper");
    await settled(scene);
    if (granted !== "closed") {
      expect(await self.subscribe(`${OWN}/cmd`)).toBe(1);
      await scene.hub.publish(`${OWN}/cmd`, "for you");
      expect(await self.arrived(`${OWN}/cmd`, "for you")).toBe(true);
    }
    expect(self.arrivals.map((it) => it.topic).filter((topic) => !OWN_HEARD.includes(topic))).toEqual([]);
    self.cut();
  });

  test.each(connects)("nobody gets in as $name", async ({ as }) => {
    const client = new RawMqtt(scene.broker.url);
    expect(await client.connect(as)).not.toBe(0);
    expect(await client.hungUp()).toBe(true);
  });

  test.each(oddIds)("the client id `%s` is nobody's but its owner's", async (clientId) => {
    const odd = new RawMqtt(scene.broker.url);
    const welcome = await odd.connect({ clientId, user: SELF, secret });
    if (kind === "embedded") expect(welcome).not.toBe(0);
    // A broker that lets it in puts the user's own id in its place: then the true one takes the session over.
    const self = await joined(scene.broker.url, credentials.self);
    expect(await odd.hungUp()).toBe(true);
    await settled(scene);
    expect([scene.hub, scene.victim, scene.stranger].some((it) => it?.closed)).toBe(false);
    self.cut();
  });

  test.each(wills)("a lock can't leave behind $name", async ({ will }) => {
    const payload = `misuse-${(serial += 1)}`;
    const self = new RawMqtt(scene.broker.url);
    const welcome = await self.connect({ clientId: SELF, user: SELF, secret, will: { ...will, payload } });
    if (kind === "embedded") expect(welcome).not.toBe(0);
    self.cut();
    // The next session of the same lock can only begin after the former one, will included, has ended.
    const next = await joined(scene.broker.url, credentials.self);
    await settled(scene);
    expect(heard(scene, payload)).toEqual([]);
    next.cut();
  });

  test("a lock's own gone is published when its line breaks", async () => {
    const payload = `gone-${(serial += 1)}`;
    const self = new RawMqtt(scene.broker.url);
    const will = { topic: `${OWN}/gone`, payload };
    expect(await self.connect({ clientId: SELF, user: SELF, secret, will })).toBe(0);
    self.cut();
    expect(await scene.hub.arrived(`${OWN}/gone`, payload)).toBe(true);
  });

  test("a hub hears no commands, and can't speak in a lock's name", async () => {
    const hub = scene.hub;
    const before = hub.arrivals.length;
    const granted = await hub.subscribe("portner/1/+/+/cmd");
    if (kind === "embedded") expect(granted).toBe(128);
    await hub.publish(`${OTHER}/cmd`, "not for hubs");
    await settled(scene);
    expect(hub.arrivals.slice(before).filter((it) => it.topic.endsWith("/cmd"))).toEqual([]);
  });

  test("a lock whose credentials were taken away is thrown out and stays out", async () => {
    const doomed = testCredential({ user: "lock-doomed", tenant: TENANT });
    await scene.broker.addCredentials([doomed]);
    const client = await joined(scene.broker.url, doomed);
    await scene.broker.removeCredentials([doomed.user]);
    expect(await client.hungUp()).toBe(true);
    const again = new RawMqtt(scene.broker.url);
    expect(await again.connect({ clientId: doomed.user, user: doomed.user, secret: doomed.secret })).not.toBe(0);
  });
});
