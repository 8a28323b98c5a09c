import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { topicText, type LockChannel } from "@portner/schema/mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Dice } from "../../lock-sim/town/dice.ts";
import { macMessage, signMessage } from "../../lock-sim/firmware/keys.ts";
import { ask } from "./api-ask.ts";
import { eventually } from "./api-client.ts";
import { listenBySse } from "./api-live.ts";
import { startApiTown, type ApiTown, type Ground } from "./api-town.ts";
import { RawMqtt } from "./raw-mqtt.ts";

/** S16 wants a million: set it by hand. */
const MESSAGES = Number(process.env["PORTNER_TEST_NONSENSE"] ?? 20_000);
/** Sent before the hub's count is looked at: a lock that floods is cut short, and that is not what is tried here. */
const BATCH = 250;
/** As the quarantine has it: so many of a lock are kept in an hour, and the hour may turn. */
const KEPT_MAX = 20;

let api: ApiTown;

beforeAll(async () => {
  api = await startApiTown();
}, 90_000);
afterAll(() => api.town.end());

const CHANNELS = ["evt", "tel", "ask"] as const;

/** A real event, and a real heartbeat, as this lock would sign them. */
function realMessages({ unit: { id, key, telemetryKey } }: Ground, signedBy = key): readonly [Buffer, Buffer] {
  const facts = { bolt: "thrown" as const, latch: "extended" as const, door: "closed" as const };
  const frame = { v: 1 as const, unit: id, boot: 1, at: Date.now() };
  const event = { ...frame, seq: 1, clock: { trusted: false, errorMs: 0 }, kind: "restarted" as const };
  const reading = { ...frame, seq: 1, intervalMs: 60_000, batteryIdleMillivolts: 5_900, temperatureCelsius: 20, facts };
  const told = [
    signMessage("evt", { kid: id, key: signedBy }, { ...event, cause: "commissioned", previous: null, facts }),
    macMessage(
      "tel",
      { kid: id, key: signedBy === key ? telemetryKey : Buffer.alloc(32) },
      { ...reading, rssiDbm: -60, clockErrorMs: 0, clockTrusted: false, firmware: "1.0.0" },
    ),
  ] as const;
  return [Buffer.from(told[0]), Buffer.from(told[1])];
}

/** Something that no lock may send, and where to. */
function nonsense(
  dice: Dice,
  ground: Ground,
  stranger: Ground,
): { readonly channel: LockChannel; readonly payload: Buffer } {
  const real = dice.pick(realMessages(ground));
  const channel = dice.pick(CHANNELS);
  switch (dice.below(7)) {
    case 0:
      return { channel, payload: Buffer.from(dice.bytes(dice.below(600))) };
    case 1:
      return { channel, payload: real.subarray(0, dice.below(real.length)) };
    case 2:
      return { channel, payload: flipped(dice, real) };
    case 3:
      return { channel, payload: dice.pick(realMessages(ground, stranger.unit.key)) };
    case 4:
      return { channel, payload: dice.pick(realMessages(stranger)) };
    case 5:
      return { channel, payload: Buffer.alloc(4_097 + dice.below(4_000), "x") };
    default:
      // A sound message in the wrong place.
      return { channel: "ask", payload: real };
  }
}

function flipped(dice: Dice, real: Buffer): Buffer {
  const bytes = Buffer.from(real);
  const at = dice.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  return bytes;
}

/** A PUBLISH of QoS 0, as bytes. */
function publishBytes(topic: string, payload: Buffer): Buffer {
  const name = Buffer.from(topic, "utf8");
  const body = Buffer.concat([Buffer.from([name.length >> 8, name.length & 255]), name, payload]);
  const head = [0x30];
  for (let rest = body.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.concat([Buffer.from([...head, rest]), body]);
    head.push((rest % 128) | 128);
  }
}

/** What the hub says it has counted: quarantined, and dropped before it was read, be it for its size or for being too many. */
async function counted(): Promise<{ readonly quarantined: number; readonly dropped: number }> {
  const text = await (await fetch(`${api.hub.url}/metrics`)).text();
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, "gm"))].reduce((all, [, n]) => all + Number(n), 0);
  const dropped = sum("portner_messages_dropped_total") + sum("portner_lock_messages_over_limit_total");
  return { quarantined: sum("portner_messages_quarantined_total"), dropped };
}

const Kept = z.object({
  quarantinedMessages: z.object({
    edges: z.array(
      z.object({ node: z.object({ fault: z.string(), bytes: z.int(), lock: z.object({ id: z.string() }) }) }),
    ),
  }),
});

test(`${MESSAGES} messages that make no sense leave the hub up, are counted, and a few of them kept`, async () => {
  const seed = Number(process.env["PORTNER_TEST_SEED"] ?? randomInt(2 ** 31));
  console.info(`seed ${seed}`);
  const dice = new Dice(seed);
  const speakers = await Promise.all(
    [api.own, api.other].map(async (ground) => {
      const line = new RawMqtt(api.town.broker.url);
      const secret = ground.unit.brokerSecret;
      expect(await line.connect({ clientId: ground.lockId, user: ground.lockId, secret })).toBe(0);
      return { ground, line, stranger: ground === api.own ? api.other : api.own };
    }),
  );
  let sent = 0;
  while (sent < MESSAGES) {
    for (const { ground, line, stranger } of speakers) {
      const { tenant } = ground.unit;
      const batch = Array.from({ length: BATCH }, () => {
        const { channel, payload } = nonsense(dice, ground, stranger);
        return publishBytes(topicText({ tenant, lock: ground.lockId, channel }), payload);
      });
      line.write(Buffer.concat(batch));
      sent += batch.length;
    }
    await eventually(async () => {
      const { quarantined, dropped } = await counted();
      return quarantined + dropped >= sent ? true : undefined;
    }, 10_000);
  }
  const { quarantined, dropped } = await counted();
  console.info(`sent ${sent}, quarantined ${quarantined}, dropped ${dropped}`);
  expect(quarantined).toBeGreaterThan(0);
  expect((await fetch(`${api.hub.url}/readyz`)).status).toBe(200);
  for (const { line } of speakers) expect(line.closed).toBe(false);
  const shown = await ask(
    api.hub.url,
    "{ quarantinedMessages(first: 200) { edges { node { fault bytes lock { id } } } } }",
    {
      who: api.who.A,
    },
  );
  const kept = Kept.parse(shown.data).quarantinedMessages.edges.map(({ node }) => node);
  for (const { ground } of speakers) {
    const own = kept.filter(({ lock }) => lock.id === ground.lock);
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThanOrEqual(KEPT_MAX);
  }
  for (const { line } of speakers) line.cut();
}, 600_000);

test("after all that a sound event of the same lock is heard and committed", async () => {
  const { unit, lockId, lock } = api.own;
  const line = new RawMqtt(api.town.broker.url);
  await line.connect({ clientId: lockId, user: lockId, secret: unit.brokerSecret });
  const [event] = realMessages(api.own);
  const query =
    'query($lock: ID) { journal(filter: { lock: $lock, kinds: ["lock.restarted"] }) { edges { node { kind } } } }';
  const committed = await eventually(async () => {
    await line.publish(topicText({ tenant: unit.tenant, lock: lockId, channel: "evt" }), event);
    await wait(200);
    const answer = await ask(api.hub.url, query, { who: api.who.A, variables: { lock } });
    return answer.text.includes("lock.restarted") ? answer.codes : undefined;
  }, 10_000);
  expect(committed).toEqual([]);
  line.cut();
}, 20_000);

test("half a character or a NUL in any text is a typed error, and the block is placed without it", async () => {
  const document = `mutation($input: BlockCredentialInput!) { blockCredential(input: $input) {
    __typename ... on UserError { code } } }`;
  const { credential } = await api.phoneOf(api.other.employee);
  const block = (reason: string) =>
    ask(api.hub.url, document, { who: api.who.A, variables: { input: { credential, reason } } });
  for (const reason of ["Telefon tabt \ud83d", "Telefon\0 tabt"]) {
    const answer = await block(reason);
    expect([answer.status, answer.codes, answer.text]).toEqual([
      400,
      ["TEXT_UNFIT"],
      expect.stringContaining("reason"),
    ]);
  }
  const literals = [
    '{ search(text: "Fj\\u0000") { __typename } }',
    'mutation { signIn(input: { login: "a\\u0000", password: "b" }) { __typename } }',
  ];
  for (const query of literals) {
    const answer = await ask(api.hub.url, query, { who: api.who.A });
    expect([query, answer.codes, answer.data]).toEqual([query, ["TEXT_UNFIT"], {}]);
  }
  const subscription = "subscription($text: String) { doorEvents(filter: { text: $text }) { cursor } }";
  const live = await listenBySse(api.hub.url, subscription, { who: api.who.A, variables: { text: "\0" } });
  await live.untilEnded();
  expect(live.items[0]?.errors?.[0]?.extensions).toMatchObject({ code: "TEXT_UNFIT" });
  // However deep somebody nests what nobody asked for, it costs one look at each part.
  const brackets = 60_000;
  const deep = `{"query":"{ __typename }","variables":{"x":${"[".repeat(brackets)}${"]".repeat(brackets)}}}`;
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${api.hub.url}/graphql`, { method: "POST", headers, body: deep });
  expect(await answer.json()).toMatchObject({ data: { __typename: "Query" } });
  expect((await block("Telefon tabt 🙂")).text).toContain("BlockCredentialSuccess");
});
