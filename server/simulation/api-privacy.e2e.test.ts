import { setTimeout as wait } from "node:timers/promises";
import { topicText } from "@portner/schema/mqtt";
import type { World } from "@portner/schema/world";
import { afterAll, beforeAll, expect, test } from "vitest";
import { macMessage } from "../../lock-sim/firmware/keys.ts";
import { ask } from "./api-ask.ts";
import { eventually } from "./api-client.ts";
import { listenBySse } from "./api-live.ts";
import { startApiTown, type ApiTown, type Ground } from "./api-town.ts";
import { testCredential } from "./broker.ts";
import { RawMqtt } from "./raw-mqtt.ts";

let api: ApiTown;
let ear: RawMqtt;
/** Whatever the hub's process printed, from its start. */
const printed: string[] = [];

beforeAll(async () => {
  api = await startApiTown({ output: (text) => printed.push(text), logLevel: "debug" });
  const credential = testCredential({ user: "hub-listener" });
  await api.town.broker.addCredentials([credential]);
  ear = new RawMqtt(api.town.broker.url);
  await ear.connect({ clientId: credential.user, user: credential.user, secret: credential.secret });
  for (const filter of ["evt", "tel", "ask", "gone", "cfg"].map((channel) => `portner/1/+/+/${channel}`)) {
    await ear.subscribe(filter);
  }
  await ear.subscribe("portner/1/+/deny");
}, 90_000);
afterAll(async () => {
  ear.cut();
  await api.town.end();
});

/** Everything of this world that no log, topic or figure may hold. */
function personalOf({ citizens, employees, addresses }: World): readonly string[] {
  const streets = new Set(addresses.map(({ street }) => street));
  return [...citizens.map(({ name }) => name), ...employees.map(({ name }) => name), ...streets];
}

async function lookUps(): Promise<void> {
  const query = `mutation($text: String!, $purpose: String!) { lookUpCitizen(input: { text: $text, purpose: $purpose, callerId: "FJ1001" }) {
    ... on LookUpCitizenSuccess { citizens { name } } ... on UserError { code } } }`;
  const { citizens, addresses } = api.town.world;
  for (const { name } of citizens.slice(0, 15)) {
    await ask(api.hub.url, query, { who: api.who.H, variables: { text: name, purpose: `call about ${name}` } });
    await ask(api.hub.url, query, { who: api.who.E, variables: { text: name, purpose: "x" } });
  }
  for (const { street } of addresses.slice(0, 10)) {
    await ask(api.hub.url, "query($text: String!) { search(text: $text) { __typename } }", {
      who: api.who.C,
      variables: { text: street },
    });
  }
}

/** What goes wrong with names in it: bad queries, bad variables, bad sign-ins. */
async function mishaps(): Promise<void> {
  const [citizen] = api.town.world.citizens;
  const name = citizen?.name ?? "";
  await ask(api.hub.url, `{ search(text: "${name}" `, { who: api.who.C });
  await ask(api.hub.url, `{ nothing(name: "${name}") }`, { who: api.who.C });
  await ask(api.hub.url, "query($x: Int!) { locks(first: $x) { edges { cursor } } }", {
    who: api.who.C,
    variables: { x: name },
  });
  await ask(api.hub.url, `{ node(id: "${Buffer.from(`Citizen:${name}`).toString("base64url")}") { id } }`, {
    who: api.who.C,
  });
  await ask(api.hub.url, "mutation($i: SignInInput!) { signIn(input: $i) { __typename } }", {
    variables: { i: { login: name, password: "a password that was mistyped" } },
  });
  await fetch(`${api.hub.url}/graphql?${new URLSearchParams({ query: `{ search(text: "${name}") { __typename } }` })}`);
  await fetch(`${api.hub.url}/${encodeURIComponent(name)}`);
}

async function openings({ lock, lockId, unit, phone }: Ground): Promise<void> {
  const line = new RawMqtt(api.town.broker.url);
  await line.connect({ clientId: lockId, user: lockId, secret: unit.brokerSecret });
  await line.subscribe(topicText({ tenant: unit.tenant, lock: lockId, channel: "cmd" }));
  const { id, tenant, telemetryKey: key } = unit;
  const reading = {
    v: 1 as const,
    ...{ unit: id, boot: 1, at: Date.now(), seq: 0, intervalMs: 60_000, batteryIdleMillivolts: 5_900 },
    ...{ temperatureCelsius: 20, rssiDbm: -60, clockErrorMs: 10, clockTrusted: false, firmware: "1.0.0" },
    facts: { bolt: "thrown" as const, latch: "extended" as const, door: "closed" as const },
  };
  const name = api.town.world.citizens[0]?.name ?? "";
  await line.publish(topicText({ tenant, lock: lockId, channel: "evt" }), `nonsense about ${name}`);
  await eventually(async () => {
    await line.publish(
      topicText({ tenant, lock: lockId, channel: "tel" }),
      Buffer.from(macMessage("tel", { kid: id, key }, reading)),
    );
    const { type } = await phone.open(api.hub.url, { lock });
    return type === "OpenDoorSuccess" ? true : undefined;
  }, 10_000);
  await phone.open(api.hub.url, { lock: api.other.lock });
  expect(await line.arrived(topicText({ tenant, lock: lockId, channel: "cmd" }))).toBe(true);
  for (const arrival of line.arrivals) ear.arrivals.push(arrival);
  line.cut();
}

/** The least and the most cuts of {@link cutPostgres}, each a tenth of a second after the one before. */
const CUTS = { min: 30, max: 300 };

/** A connection that was cut while it asked may be given up only after the longest that an answer may take, twice over. */
const BACK_MS = 40_000;

/** Every connection of the hub to Postgres is cut while it works, until it has told of a failed query: errors quote what they were about. */
async function cutPostgres(): Promise<void> {
  const working = [lookUps(), mishaps(), api.own.phone.open(api.hub.url, { lock: api.other.lock })];
  const settled = Promise.allSettled(working);
  const hasToldOne = (): boolean => printed.some((text) => text.includes("Failed query"));
  for (let cuts = 0; cuts < CUTS.min || (cuts < CUTS.max && !hasToldOne()); cuts += 1) {
    await api.town.db.database.raw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`.catch(() => undefined);
    await wait(100);
  }
  await settled;
  await eventually(async () => ((await fetch(`${api.hub.url}/readyz`)).ok ? true : undefined), BACK_MS);
}

test("no name, street, token, password or secret is in a log, a topic, a message or a figure", async () => {
  const stream = await listenBySse(api.hub.url, "subscription { doorEvents { cursor node { actor { name } } } }", {
    who: api.who.A,
  });
  await lookUps();
  await mishaps();
  await openings(api.own);
  await ask(
    api.hub.url,
    `mutation($c: ID!) { blockCredential(input: { credential: $c, reason: "lost at ${api.own.street}" }) { __typename } }`,
    {
      who: api.who.A,
      variables: { c: api.other.credential },
    },
  );
  await cutPostgres();
  stream.close();
  const metrics = await (await fetch(`${api.hub.url}/metrics`)).text();
  const log = printed.join("");
  const topics = ear.arrivals.map(({ topic }) => topic).join("\n");
  const messages = ear.arrivals
    .filter(({ payload }) => !payload.toString().startsWith("nonsense"))
    .map(({ payload }) =>
      payload
        .toString()
        .split(".")
        .map((part) => Buffer.from(part, "base64url").toString())
        .join("\n"),
    )
    .join("\n");
  // A failed query's message ends with the values that it was about.
  expect(log).not.toContain("params:");
  // Not of nothing: the log, the topics and the messages have what they should have.
  expect(log).toContain("Failed query");
  expect(topics).toContain("/cmd");
  expect(messages).toContain('"op":"open"');
  const cookie = api.who.A("")["cookie"] ?? "";
  const secrets = [api.password, api.token, api.own.unit.brokerSecret, "a password that was mistyped", "correct horse"];
  const phone = api.own.phone.credentials("")["authorization"] ?? "";
  const hidden = [
    ...personalOf(api.town.world),
    ...personalOf(api.neighbour),
    ...[...secrets, phone.replace("Bearer ", ""), cookie.replace(/^[^=]+=/, "")],
  ];
  for (const [where, text] of Object.entries({ log, topics, messages, metrics })) {
    const folded = text.toLowerCase();
    const leaked = hidden.filter((each) => each.length > 0 && folded.includes(each.toLowerCase()));
    expect(
      leaked,
      `${where}: ${text
        .split("\n")
        .find((row) => leaked.some((each) => row.includes(each)))
        ?.slice(0, 600)}`,
    ).toEqual([]);
  }
}, 120_000);
