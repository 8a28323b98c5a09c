import { afterAll, beforeAll, expect, test } from "vitest";
import { cursorText, parseCursor, type Revision } from "@portner/schema/journal";
import { globalIdText } from "../../graphql/scalars.ts";
import type { Principal } from "../../identity/index.ts";
import { newEntry, readAfter, type NewEntry } from "../../journal/index.ts";
import { newId } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import { dice } from "../../simulation/rights-world.ts";
import {
  dashboardOf,
  nobody,
  phoneOf,
  startSchemaTown,
  tokenOf,
  type SchemaTown,
} from "../../simulation/schema-town.ts";

const SEED = Number(process.env.PORTNER_TEST_SEED ?? 20_261_122);
/** Entries before and while pages are read; every third is no door event. */
const ENTRIES = Number(process.env.PORTNER_TEST_RECENT_ENTRIES ?? 900);

let hub: SchemaTown;
let everything: Principal;

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 40, beatMs: 100 });
  everything = dashboardOf(hub.town.tenant, [{ role: "A" }]);
});
afterAll(() => hub.stop());

function entryOf(n: number): NewEntry {
  const places = hub.core.directory.ofTenant(hub.town.tenant);
  const lock = places[n % places.length]?.lock ?? 1;
  const subject = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant: hub.town.tenant, lock };
  if (n % 3 === 0) {
    const data = { operation: newId(systemRandom), challenged: false };
    return newEntry("command.sent", { ...subject, command: newId(systemRandom), data });
  }
  const said = { boot: 1, sequence: n + 1, clockTrusted: true, clockErrorMs: 0 };
  if (n % 7 === 0) return newEntry("lock.tampered", { ...subject, data: { ...said, what: "cover" } });
  return newEntry("lock.door", { ...subject, data: { ...said, door: "open" } });
}

async function record(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => hub.core.recorder.record({ entries: [entryOf(n)] })));
  hub.core.tail.poke();
}

async function head(): Promise<Revision> {
  const { epoch, headSequence } = await readAfter(hub.town.database.raw, 0, 0);
  return { epoch, sequence: headSequence };
}

/** Ids of the door events between two places, as the journal has them. */
async function inJournal(from: number, to: number): Promise<string[]> {
  const rows = await hub.town.database.raw<{ entry_id: string; kind: string }[]>`
    SELECT entry_id, kind FROM journal WHERE seq > ${from} AND seq <= ${to} AND tenant = ${hub.town.tenant}
      AND kind IN ('lock.door', 'lock.tampered') ORDER BY seq`;
  return rows.map(({ entry_id, kind }) =>
    globalIdText(kind === "lock.door" ? "DoorLeafMoved" : "LockTampered", entry_id),
  );
}

const PAGE = `query ($last: Int, $before: Cursor, $filter: DoorEventFilter) {
  recentDoorEvents(last: $last, before: $before, filter: $filter) { subscribeAfter edges { cursor replayed node { id lock { id serial } } }
    pageInfo { hasPreviousPage startCursor endCursor } } }`;
const STREAM = `subscription ($after: Cursor, $filter: DoorEventFilter) {
  doorEvents(after: $after, filter: $filter) { cursor node { id lock { id serial } } } }`;

interface Edge {
  readonly cursor: string;
  readonly node: { readonly id: string; readonly lock: { readonly serial: string } } | null;
}

async function page(principal: Principal, variables: object) {
  const { data, errors } = await hub.ask(PAGE, principal, { ...variables });
  expect(errors).toBeUndefined();
  const found = Object(data?.recentDoorEvents);
  const edges: readonly Edge[] = found.edges;
  return {
    edges,
    startCursor: String(found.pageInfo.startCursor),
    more: found.pageInfo.hasPreviousPage === true,
    found,
  };
}

/** What a stream brings from a place until it has reached another. */
async function stream(principal: Principal, after: string, to: number, filter?: object): Promise<string[]> {
  const live = await hub.listen(STREAM, principal, { after, filter });
  const ids: string[] = [];
  for await (const { data, errors } of live) {
    expect(errors).toBeUndefined();
    const { cursor, node }: Edge = Object(data?.doorEvents);
    if (node !== null) ids.push(node.id);
    if ((parseCursor(cursor)?.sequence ?? 0) >= to) break;
  }
  return ids;
}

/** Every page, backwards from the newest. */
async function pagesBack(principal: Principal, last: () => number, filter?: object) {
  const first = await page(principal, { last: last(), filter });
  const ids = first.edges.map(({ node }) => node?.id ?? "");
  for (let at = first; at.more;) {
    at = await page(principal, { last: last(), before: at.startCursor, filter });
    ids.unshift(...at.edges.map(({ node }) => node?.id ?? ""));
  }
  return { ids, subscribeAfter: String(first.found.subscribeAfter) };
}

test("pages read back while events go on, and the stream behind them, hold each event of the journal once", async () => {
  console.info(`seed ${SEED}`);
  const roll = dice(SEED);
  await record(ENTRIES);
  const over = new AbortController();
  const traffic = (async () => {
    while (!over.signal.aborted) await record(1 + roll(20));
  })();
  const { ids, subscribeAfter } = await pagesBack(everything, () => 1 + roll(60));
  await record(50);
  over.abort();
  await traffic;
  const { sequence } = await head();
  const live = await stream(everything, subscribeAfter, sequence);
  expect(live.length).toBeGreaterThan(0);
  expect([...ids, ...live]).toEqual(await inJournal(0, sequence));
});

test("a filter narrows pages and stream alike, by text too", async () => {
  await record(120);
  const [place] = hub.core.directory.ofTenant(hub.town.tenant);
  const serial = place?.serial ?? "";
  const street = place?.addressText.split(",")[0] ?? "";
  const roll = dice(SEED);
  for (const filter of [{ types: ["LOCK_TAMPERED"] }, { text: serial.toLowerCase() }, { text: street.toUpperCase() }]) {
    const { ids } = await pagesBack(everything, () => 1 + roll(9), filter);
    const { epoch, sequence } = await head();
    const all = await stream(everything, cursorText({ epoch, sequence: 0 }), sequence, filter);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids).toEqual(all);
  }
  const { edges } = await page(everything, { filter: { text: serial } });
  expect(new Set(edges.map(({ node }) => node?.lock.serial))).toEqual(new Set([serial]));
});

test("nobody gets a page of what is not theirs", async () => {
  const { tenant } = hub.town;
  for (const principal of [
    dashboardOf(tenant + 1, [{ role: "A" }]),
    dashboardOf(tenant, [{ role: "B" }]),
    phoneOf(tenant, 999_999),
  ]) {
    expect((await page(principal, {})).edges).toEqual([]);
  }
  for (const principal of [dashboardOf(tenant, [{ role: "V" }]), tokenOf(tenant, ["locks:read"]), nobody]) {
    const { errors } = await hub.ask(PAGE, principal);
    expect(errors?.[0]?.originalError).toMatchObject({ code: expect.stringMatching(/FORBIDDEN|UNAUTHENTICATED/) });
  }
});

test("a cursor ahead of the journal or of another epoch, and a page beyond all sizes, are the caller's errors", async () => {
  const { epoch, sequence } = await head();
  for (const [variables, code] of [
    [{ before: cursorText({ epoch, sequence: sequence + 100_000 }) }, "CURSOR_IN_FUTURE"],
    [{ before: cursorText({ epoch: epoch + 1, sequence: 1 }) }, "CURSOR_EXPIRED"],
    [{ last: 201 }, "INVALID_INPUT"],
    [{ last: 0 }, "INVALID_INPUT"],
  ] as const) {
    const { errors } = await hub.ask(PAGE, everything, variables);
    expect(errors?.[0]?.originalError).toMatchObject({ code });
  }
});
