import { afterAll, beforeAll, expect, test } from "vitest";
import type { DenialReason } from "@portner/schema/access";
import type { Principal } from "../../../identity/index.ts";
import { newEntry } from "../../../journal/index.ts";
import { newId } from "../../../kernel/ids.ts";
import { PortnerError } from "../../../kernel/errors.ts";
import { systemRandom } from "../../../kernel/random.ts";
import type { LockPlace } from "../../../locks/index.ts";
import { personByExternalId, type PersonRow } from "../../../people/index.ts";
import { dashboardOf, nobody, startSchemaTown, tokenOf, type SchemaTown } from "../../../simulation/schema-town.ts";

const ATTENTION = `{ attention { cause count items(first: 5) {
  lock { serial } since times employeeId nextStep { da } } } }`;

let hub: SchemaTown;
let tenant: number;
let carer: PersonRow;
let places: readonly LockPlace[];

async function deny(place: LockPlace, agoMs = 0, reasons: [DenialReason, ...DenialReason[]] = ["NO_BASIS"]) {
  const denied = newEntry("opening.denied", {
    ...{ entryId: newId(systemRandom), occurredAt: Date.now() - agoMs, tenant, lock: place.lock },
    ...{ person: carer.id, credential: 1 },
    data: {
      ...{ operation: newId(systemRandom), path: null, locks: [place.lock], refusedLock: place.lock },
      ...{ reasons, body: "b" },
    },
  });
  expect((await hub.core.recorder.record({ entries: [denied] })).outcome).toBe("recorded");
}

async function attention(principal: Principal) {
  const { data, errors } = await hub.ask(ATTENTION, principal);
  if (errors !== undefined) throw new PortnerError("REFUSED", String(errors));
  const groups: { cause: string; count: number; items: unknown[] }[] = Object(data).attention;
  return new Map(groups.map((each) => [each.cause, each]));
}

beforeAll(async () => {
  hub = await startSchemaTown();
  ({ tenant } = hub.town);
  const found = await personByExternalId(hub.town.database.tables, {
    tenant,
    externalId: hub.town.employee("sosuHelper"),
  });
  if (found === undefined) throw new PortnerError("TOWN_TOO_SMALL", "no carer");
  carer = found;
  places = hub.core.directory.ofTenant(tenant);
});
afterAll(() => hub.stop());

test("every cause is told, also that it has no lock", async () => {
  const all = await attention(dashboardOf(tenant, [{ role: "H" }]));
  expect([...all.keys()]).toEqual(["DENIED_AGAIN", "JAMMED", "TAMPERED", "QUARANTINED", "SILENT_LONG", "LOW_BATTERY"]);
  expect([...all.values()].map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0]);
});

test("of what somebody may not know at all nothing is said, not even that there is none", async () => {
  const causes = async (principal: Principal) => [...(await attention(principal)).keys()];
  expect(await causes(dashboardOf(tenant, [{ role: "P" }]))).not.toContain("LOW_BATTERY");
  expect(await causes(dashboardOf(tenant, [{ role: "P" }]))).toContain("JAMMED");
  expect(await causes(dashboardOf(tenant, [{ role: "D" }]))).toEqual(["DENIED_AGAIN"]);
  expect(await causes(dashboardOf(tenant, [{ role: "B" }]))).toEqual(["LOW_BATTERY"]);
  expect(await causes(tokenOf(tenant, ["battery:read"]))).toEqual(["LOW_BATTERY"]);
});

test("two denials at one door within five minutes are shown once, with who was denied last; one is not", async () => {
  const [twice, once, longAgo] = places;
  if (twice === undefined || once === undefined || longAgo === undefined) return expect.unreachable();
  await deny(twice, 60_000);
  await deny(twice);
  await deny(once);
  await deny(longAgo, 6 * 60_000);
  await deny(longAgo);
  const denied = (await attention(dashboardOf(tenant, [{ role: "H" }]))).get("DENIED_AGAIN");
  expect(denied).toMatchObject({
    count: 1,
    items: [
      {
        lock: { serial: twice.serial },
        times: 2,
        employeeId: carer.externalId,
        nextStep: { da: expect.stringMatching(/./) },
      },
    ],
  });
});

test("who is denied is told in the caller's reach only, and integrators never by user id", async () => {
  const counts = async (principal: Principal) => (await attention(principal)).get("DENIED_AGAIN");
  expect(await counts(dashboardOf(tenant + 1, [{ role: "H" }]))).toMatchObject({ count: 0 });
  expect(await counts(dashboardOf(tenant, [{ role: "C", department: 999_999 }]))).toMatchObject({ count: 0 });
  expect(await counts(dashboardOf(tenant, [{ role: "D" }]))).toMatchObject({ count: 1 });
  expect(await counts(tokenOf(tenant, ["events:read", "locks:read"]))).toMatchObject({
    count: 1,
    items: [{ employeeId: null }],
  });
  for (const principal of [nobody, dashboardOf(tenant, [{ role: "V" }]), tokenOf(tenant, ["visits:write"])]) {
    expect((await hub.ask(ATTENTION, principal)).errors).toHaveLength(1);
  }
});
