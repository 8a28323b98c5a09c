import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGraphqlEndpoint, HTTP_SERVER_OPTIONS, type GraphqlEndpoint } from "../../graphql/endpoint.ts";
import type { Principal } from "../../identity/index.ts";
import { newEntry } from "../../journal/index.ts";
import { pause, systemClock } from "../../kernel/clock.ts";
import { InvariantError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { silentLog } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { fail, ok } from "../../kernel/result.ts";
import { listenBySocket, listenBySse, type Live } from "../../simulation/api-live.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { dashboardOf, phoneOf, startSchemaTown, tokenOf, type SchemaTown } from "../../simulation/schema-town.ts";

/** Each of these has a stream of its own, a shared one by socket and a shared one by SSE. */
const EVENTS = 60;
const WITHIN_MS = 30_000;
/** Nothing new for this long, and everything has come. */
const QUIET_MS = 500;

const QUERY = `subscription { doorEvents { cursor gap { from } node { __typename id occurredAt lock { serial addressText inService
    paths { id citizen { name entryReason } doors { lock { id inService } } } remoteOpening { leave } }
  actor { personId employeeId name pseudonym } ... on DoorDenied { reasons nextStep { route } } } } }`;

let hub: SchemaTown;
let endpoint: GraphqlEndpoint;
let url: string;
let close: () => Promise<void>;
let persons: readonly number[];
let tenant: number;
const callers = new Map<string, Principal>();

/** A caller of its own key, so that two with the same rights still are two. */
function add(name: string, principal: Principal, account = callers.size + 1): void {
  const own = principal.kind === "dashboard" ? { ...principal, account, accountId: `a${account}` } : principal;
  callers.set(name, { ...own, key: name });
}

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 40, beatMs: 60_000 });
  tenant = hub.town.tenant;
  const rows = await hub.town.database.raw<{ id: number; department: number }[]>`
    SELECT id, department FROM person WHERE tenant = ${tenant} AND department IS NOT NULL ORDER BY id LIMIT 4`;
  persons = rows.map(({ id }) => id);
  const department = rows[0]?.department ?? 0;
  for (const n of [1, 2]) {
    add(`administration ${n}`, dashboardOf(tenant, [{ role: "A" }]));
    add(`hotline ${n}`, dashboardOf(tenant, [{ role: "H" }]));
    add(`auditor ${n}`, dashboardOf(tenant, [{ role: "D" }]));
    add(`coordinator ${n}`, dashboardOf(tenant, [{ role: "C", department }]));
    const token = tokenOf(tenant, ["events:read", "locks:read"]);
    add(`token ${n}`, token.kind === "token" ? { ...token, tokenId: `t${n}` } : token);
    add(`phone ${n}`, phoneOf(tenant, persons[n - 1] ?? 0));
  }
  endpoint = createGraphqlEndpoint<Principal>({
    ...{ schema: hub.schema, clock: systemClock, random: systemRandom, log: silentLog },
    authenticate: ({ header }) => {
      const found = callers.get(header("authorization") ?? "");
      return Promise.resolve(found === undefined ? fail({ code: "UNAUTHENTICATED", message: "unknown" }) : ok(found));
    },
  });
  const server = createServer(HTTP_SERVER_OPTIONS, (request, response) => void endpoint.handle(request, response));
  server.on("upgrade", (request, socket, head) => endpoint.upgrade(request, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new InvariantError("the server has no port");
  url = `http://127.0.0.1:${address.port}`;
  close = async () => {
    await endpoint.close();
    server.closeAllConnections();
    server.close();
  };
});
afterAll(async () => {
  await close();
  await hub.stop();
});

/** An opening that was refused, or a door that moved, by somebody at some lock. */
function entryOf(n: number) {
  const place = hub.core.directory.ofTenant(tenant)[n % 7];
  const subject = { entryId: newId(systemRandom), occurredAt: 1_800_000_000_000 + n, tenant, lock: place?.lock ?? 1 };
  if (n % 3 === 0) {
    const data = { boot: 1, sequence: n + 1, clockTrusted: true, clockErrorMs: 0, door: "open" as const };
    return newEntry("lock.door", { ...subject, data });
  }
  return newEntry("opening.denied", {
    ...{ ...subject, person: persons[n % persons.length] ?? 1, credential: 1 },
    data: {
      ...{ operation: newId(systemRandom), path: null, locks: [subject.lock], refusedLock: subject.lock },
      ...{ reasons: ["NO_BASIS" as const], body: "b" },
    },
  });
}

async function record(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 20) {
    const batch = Array.from({ length: Math.min(20, to - n) }, (_, i) => entryOf(n + i));
    await Promise.all(batch.map((entry) => hub.core.recorder.record({ entries: [entry] })));
    hub.core.tail.poke();
  }
}

async function untilTailed(): Promise<void> {
  const [row] = await hub.town.database.raw<{ seq: string }[]>`SELECT seq FROM head`;
  expect(await pollUntil(() => hub.core.tail.position.sequence >= Number(row?.seq), WITHIN_MS)).toBe(true);
}

/** What came of door events, without beats. */
function told(items: readonly { readonly data?: object | null | undefined }[]): unknown[] {
  return items.map(({ data }) => Object(data).doorEvents).filter((edge) => edge !== undefined && edge.node !== null);
}

/** What a stream of its own tells a caller, up to the end of the journal. */
async function alone(principal: Principal, after: string, count: number): Promise<unknown[]> {
  const document = QUERY.replace("doorEvents", `doorEvents(after: "${after}")`);
  const stream = await hub.listen(document, principal);
  const items: { data?: object | null | undefined }[] = [];
  while (told(items).length < count) {
    const next = await stream.next();
    if (next.done === true) break;
    items.push(next.value);
  }
  await stream.return?.(undefined);
  return told(items);
}

/** Resolves when administration has every event and nobody gets anything any more. */
async function untilQuiet(streams: ReadonlyMap<string, readonly Live[]>): Promise<void> {
  const count = (lives: readonly Live[]): number => lives.reduce((sum, { items }) => sum + told(items).length, 0);
  const all = (): number => count([...streams.values()].flat());
  expect(await pollUntil(() => count(streams.get("administration 1") ?? []) === 2 * EVENTS, WITHIN_MS)).toBe(true);
  for (let before = -1; before !== all(); await pause(systemClock, QUIET_MS)) before = all();
}

test(
  "everybody gets by shared streams what a stream of their own tells them, while one has an open case",
  { timeout: 120_000 },
  async () => {
    const { epoch, sequence } = hub.core.tail.position;
    const after = `j${epoch}.${sequence}`;
    const streams = new Map<string, readonly Live[]>();
    for (const name of callers.keys()) {
      const socket = listenBySocket(url, QUERY, { params: { authorization: name } });
      streams.set(name, [socket, await listenBySse(url, QUERY, { who: () => ({ authorization: name }) })]);
    }
    const groups = () => hub.events.fanOut.groups;
    // Two coordinators, auditors, of the hotline and of administration go along with each other; tokens and phones don't.
    expect(await pollUntil(() => groups() === 8 && hub.events.feed.listening === 8, WITHIN_MS)).toBe(true);
    const [citizen] = hub.core.directory.ofTenant(tenant)[0]?.citizens ?? [];
    const hotline = callers.get("hotline 1");
    const consulted = newEntry("citizen.consulted", {
      ...{ entryId: newId(systemRandom), occurredAt: Date.now(), tenant },
      actor: hotline?.kind === "dashboard" ? hotline.account : 0,
      data: { citizens: [citizen ?? 0], purpose: { id: newId(systemRandom), digest: "0".repeat(64) } },
    });
    await hub.core.recorder.record({ entries: [consulted] });
    await untilTailed();
    await record(0, EVENTS);
    await untilTailed();
    await untilQuiet(streams);
    const counts = new Map<string, number>();
    for (const [name, lives] of streams) {
      const principal = callers.get(name);
      if (principal === undefined) continue;
      const seen =
        hub.core.directory.ofTenant(tenant).length > 0 ? Math.max(...lives.map(({ items }) => told(items).length)) : 0;
      await pollUntil(() => lives.every(({ items }) => told(items).length >= seen), WITHIN_MS);
      expect([name, ...lives.map(({ items }) => told(items).length)]).toEqual([name, seen, seen]);
      const own = await alone(principal, after, seen);
      for (const live of lives) expect([name, told(live.items)]).toEqual([name, own]);
      counts.set(name, own.length);
    }
    expect(counts.get("administration 1")).toBe(EVENTS);
    expect(counts.get("hotline 2")).toBe(EVENTS);
    expect(counts.get("phone 1")).toBeLessThan(EVENTS);
    const names = (name: string) =>
      new Set(told(streams.get(name)?.[0]?.items ?? []).map((edge) => Object(edge).node.actor?.name ?? null));
    // The open case tells names of its own doors only, and nothing to the colleague.
    expect(names("hotline 1").size).toBeGreaterThan(1);
    expect(names("hotline 2")).toEqual(new Set([null]));
    for (const live of [...streams.values()].flat()) live.close();
    expect(await pollUntil(() => groups() === 0 && hub.events.feed.listening === 0, WITHIN_MS)).toBe(true);
  },
);
