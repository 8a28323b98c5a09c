import { cursorText } from "@portner/schema/journal";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { newEntry, Recorder } from "../journal/index.ts";
import { pause, systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import type { Credentials } from "./api-client.ts";
import { listenBySocket, listenBySse, type Live } from "./api-live.ts";
import type { HubProcess } from "./hub-process.ts";
import { pollUntil } from "./poll.ts";
import { dice } from "./rights-world.ts";
import { startTown, type RunningTown } from "./running-town.ts";

/** Times that each subscriber is killed. */
const KILLS = Number(process.env["PORTNER_SUBSCRIBER_KILLS"] ?? 100);
const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000);
/** Entries a turn of traffic at most, and the pause between two turns at most. */
const BURST_ENTRIES_MAX = 12;
const PAUSE_MS_MAX = 25;
/** What a connection is given at most before it is killed, and how long it may take; one in four dies at once. */
const LIFE_ITEMS_MAX = 30;
const LIFE_MS_MAX = 2_000;
const AT_ONCE_MS_MAX = 20;
const CAUGHT_UP_MS = 15_000;
const DOOR_EVENTS =
  "subscription($after: Cursor) { doorEvents(after: $after) { cursor replayed gap { from } node { id } } }";

let town: RunningTown;
/** The hub that LISTENs, and the one that polls, each with a session of its own: a cookie is good at one address. */
let hubs: readonly { readonly hub: HubProcess; readonly administrator: Credentials }[];
let tenant: number;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 23, locks: 12 }));
  const started = [await town.hub(0), await town.hub(1, { listen: false })];
  hubs = await Promise.all(started.map(async (hub) => ({ hub, administrator: await town.administrator(hub.url) })));
  const [row] = await town.db.database.raw<{ id: number }[]>`SELECT id FROM tenant`;
  tenant = row?.id ?? 0;
}, 90_000);

afterAll(() => town.end());

/** Doors of the town that open and close, and entries of the town that are no door events, until told to stop. */
async function traffic(roll: (sides: number) => number, until: { stopped: boolean }): Promise<void> {
  const recorder = new Recorder({ sql: town.db.database.hot, hub: newId(systemRandom), clock: systemClock });
  for (let n = 1; !until.stopped;) {
    const entries = Array.from({ length: 1 + roll(BURST_ENTRIES_MAX) }, () => {
      n += 1;
      const subject = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant, lock: 1 + (n % 9) };
      if (n % 3 === 0) {
        const data = { operation: newId(systemRandom), challenged: false };
        return newEntry("command.sent", { ...subject, command: newId(systemRandom), data });
      }
      const made = { boot: 1, sequence: n, clockTrusted: true, clockErrorMs: 0 };
      return newEntry("lock.door", { ...subject, data: { ...made, door: n % 2 === 0 ? "open" : "closed" } });
    });
    await Promise.all(entries.map((entry) => recorder.record({ entries: [entry] })));
    await pause(systemClock, roll(PAUSE_MS_MAX));
  }
}

const Edge = z.object({
  data: z.object({
    doorEvents: z.object({
      cursor: z.string(),
      gap: z.unknown().nullable(),
      node: z.object({ id: z.string() }).nullable(),
    }),
  }),
});

/** What a client keeps: what it was given, in order, and where it would go on. */
interface Client {
  readonly received: string[];
  after: string;
  gaps: number;
  connections: number;
}

type Connect = (after: string) => Promise<Live>;

function keep(client: Client, live: Live): void {
  for (const item of live.items) {
    expect(item.errors).toBeUndefined();
    const { cursor, gap, node } = Edge.parse(item).data.doorEvents;
    if (gap !== null) client.gaps += 1;
    if (node !== null) client.received.push(cursor);
    client.after = cursor;
  }
}

/** A client that is killed again and again, and goes on behind the last thing that it has. */
async function dieAgain(client: Client, connect: Connect, roll: (sides: number) => number): Promise<void> {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const live = await connect(client.after);
    const items = roll(LIFE_ITEMS_MAX);
    if (roll(4) === 0) await pause(systemClock, roll(AT_ONCE_MS_MAX));
    else await pollUntil(() => live.items.length >= items, LIFE_MS_MAX);
    live.kill();
    keep(client, live);
    client.connections += 1;
  }
}

/** The last connection, which lives until it has the journal's last event. */
async function catchUp(client: Client, connect: Connect, last: string): Promise<void> {
  // Killed a moment after the last event; nothing is left to come.
  if (client.received.at(-1) === last) return;
  const live = await connect(client.after);
  await live.until((item) => Edge.parse(item).data.doorEvents.cursor === last, CAUGHT_UP_MS);
  live.kill();
  keep(client, live);
}

/** Cursors of the journal's door events behind a number. */
async function inJournal(from: number): Promise<string[]> {
  const rows = await town.db.database.raw<{ epoch: number; seq: string }[]>`
    SELECT epoch, seq FROM journal WHERE seq > ${from} AND kind = 'lock.door' ORDER BY seq`;
  return rows.map(({ epoch, seq }) => cursorText({ epoch, sequence: Number(seq) }));
}

test(
  `subscribers killed ${KILLS} times each during traffic have the journal: by both transports, with LISTEN and without`,
  { timeout: 60_000 + KILLS * 400 },
  async () => {
    const roll = dice(SEED);
    const [head] = await town.db.database.raw<{ epoch: number; seq: string }[]>`SELECT epoch, seq FROM head`;
    const from = { epoch: head?.epoch ?? 0, sequence: Number(head?.seq) };
    const clients = hubs.flatMap(({ hub: { url }, administrator: who }) => {
      const bySse: Connect = (after) => listenBySse(url, DOOR_EVENTS, { who, variables: { after } });
      const bySocket: Connect = (after) =>
        Promise.resolve(listenBySocket(url, DOOR_EVENTS, { headers: who(""), variables: { after } }));
      return [bySse, bySocket].map((connect) => {
        const client: Client = { received: [], after: cursorText(from), gaps: 0, connections: 0 };
        return { client, connect };
      });
    });
    const until = { stopped: false };
    const flowing = traffic(roll, until);
    await Promise.all(clients.map(({ client, connect }) => dieAgain(client, connect, roll)));
    until.stopped = true;
    await flowing;
    const expected = await inJournal(from.sequence);
    const before = clients.map(({ client }) => client.received.length);
    await Promise.all(clients.map(({ client, connect }) => catchUp(client, connect, expected.at(-1) ?? "")));

    const seen = { seed: SEED, kills: KILLS, events: expected.length, beforeTheLastConnection: before };
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    for (const { client } of clients) {
      expect(client.received).toEqual(expected);
      expect(client.gaps).toBe(0);
      expect(client.connections).toBe(KILLS);
    }
    // The dying had heard of something: the last connection alone would prove nothing.
    for (const heard of before) expect(heard).toBeGreaterThan(KILLS);
  },
);
