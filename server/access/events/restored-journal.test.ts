import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { newEntry } from "../../journal/index.ts";
import { newId } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import { dashboardOf, startSchemaTown, type SchemaTown } from "../../simulation/schema-town.ts";

const EVENTS =
  "subscription($after: Cursor) { doorEvents(after: $after) { cursor gap { oldest restored } node { __typename } } }";
const Edge = z.object({
  data: z.object({
    doorEvents: z.object({
      cursor: z.string(),
      gap: z.object({ oldest: z.string(), restored: z.boolean() }).nullable(),
      node: z.object({ __typename: z.string() }).nullable(),
    }),
  }),
});

let hub: SchemaTown;

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 12 });
});
afterAll(() => hub.stop());

/** Records that a door was opened. */
async function record(): Promise<void> {
  const [place] = hub.core.directory.ofTenant(hub.town.tenant);
  const about = { tenant: hub.town.tenant, lock: place?.lock ?? 0, door: place?.door ?? 0 };
  const data = { boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0, door: "open" as const };
  const entry = newEntry("lock.door", { ...about, entryId: newId(systemRandom), occurredAt: Date.now(), data });
  expect((await hub.core.recorder.record({ entries: [entry] })).outcome).toBe("recorded");
  hub.core.tail.poke();
}

async function nextEvent(live: AsyncIterator<unknown>) {
  for (;;) {
    const { value } = await live.next();
    const { doorEvents } = Edge.parse(value).data;
    if (doorEvents.node !== null || doorEvents.gap !== null) return doorEvents;
  }
}

test("a stream over a restored journal ends with its reason, and one without a cursor goes on from now, without a gap", async () => {
  const everything = dashboardOf(hub.town.tenant, [{ role: "A" }]);
  const live = await hub.listen(EVENTS, everything);
  const before = nextEvent(live);
  await record();
  expect(await before).toMatchObject({ gap: null, node: { __typename: "DoorLeafMoved" } });
  const after = live.next();
  // It may be rejected before anybody waits for it below.
  after.catch(() => undefined);
  await hub.town.database.raw`UPDATE head SET epoch = epoch + 1`;
  await record();
  await expect(after).rejects.toMatchObject({ code: "JOURNAL_RESTORED" });
  const anew = await hub.listen(EVENTS, everything, { after: null });
  const event = nextEvent(anew);
  await record();
  expect(await event).toMatchObject({ gap: null, node: { __typename: "DoorLeafMoved" } });
  await anew.return?.();
});

test("a cursor of the journal before is told that it was restored, and then all that the new one keeps", async () => {
  const everything = dashboardOf(hub.town.tenant, [{ role: "A" }]);
  const live = await hub.listen(EVENTS, everything);
  const first = nextEvent(live);
  await record();
  const { cursor } = await first;
  await live.return?.();
  await hub.town.database.raw`UPDATE head SET epoch = epoch + 1`;
  await record();
  const resumed = await hub.listen(EVENTS, everything, { after: cursor });
  expect(await nextEvent(resumed)).toMatchObject({ node: null, gap: { restored: true } });
  expect(await nextEvent(resumed)).toMatchObject({ gap: null, node: { __typename: "DoorLeafMoved" } });
  await resumed.return?.();
});
