import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { worldText } from "../../../lock-sim/town/generate.ts";
import { createEndSessions } from "../../identity/index.ts";
import { importWorld } from "../../integrations/index.ts";
import { systemClock } from "../../kernel/clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { systemRandom } from "../../kernel/random.ts";
import { ManualClock } from "../../simulation/manual-clock.ts";
import { dashboardOf, startSchemaTown, type SchemaTown } from "../../simulation/schema-town.ts";

/** Above the time within which the hub looks at all locks. */
const LOOK_MS = 2_000;

const clock = new ManualClock(Date.now());
let hub: SchemaTown;

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 12, lockClock: clock, beatMs: 10_000 });
});
afterAll(() => hub.stop());

/** Imports the town with one street's house renamed, and waits until the directory knows. Answers a lock there. */
async function rename(street: string): Promise<string> {
  const { world, database, sealing } = hub.town;
  const door = world.doors.find(({ externalId }) => externalId === world.locks[0]?.door);
  const addresses = world.addresses.map((each) => (each.externalId === door?.address ? { ...each, street } : each));
  const deps = { database, hub: hub.town.hub, clock: systemClock, random: systemRandom, sealing };
  const text = worldText({ ...world, addresses });
  const done = await importWorld({ ...deps, endSessions: createEndSessions(systemClock) }, text);
  if (!done.ok) throw new PortnerError("TOWN_NOT_IMPORTED", done.failure.code);
  hub.core.tail.poke();
  const serial = world.locks[0]?.serial ?? "";
  await vi.waitFor(() => expect(hub.core.directory.bySerial(serial)?.addressText).toContain(street), 10_000);
  return serial;
}

test("whoever watches locks is shown another address after an import, and of the other locks nothing again", async () => {
  const stream = await hub.listen(
    "subscription { lockChanged { kind lock { serial addressText } } }",
    dashboardOf(hub.town.tenant, [{ role: "A" }]),
  );
  const next = async () => Object((await stream.next()).value?.data?.lockChanged);
  let item = await next();
  while (item.kind === "SNAPSHOT") item = await next();
  expect(item.kind).toBe("SNAPSHOT_END");
  const changed = next();
  const serial = await rename("Ny Havnegade");
  clock.advance(LOOK_MS);
  expect(await changed).toMatchObject({
    kind: "CHANGED",
    lock: { serial, addressText: expect.stringMatching(/^Ny Havn/) },
  });
  const others = new Set<string>();
  for (;;) {
    const following = next();
    clock.advance(10_000);
    item = await following;
    if (item.kind === "BEAT") break;
    others.add(item.lock.addressText);
  }
  // Doors of the same house have moved with it.
  expect([...others].filter((text) => !text.startsWith("Ny Havnegade"))).toEqual([]);
  await stream.return?.();
});
