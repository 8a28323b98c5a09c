import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../../kernel/ids.ts";
import { systemClock } from "../../kernel/clock.ts";
import { systemRandom } from "../../kernel/random.ts";
import { personByExternalId } from "../../people/index.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { dashboardOf, phoneOf, startSchemaTown, type SchemaTown } from "../../simulation/schema-town.ts";
import { endMembership, grantMembership } from "../index.ts";

const Answer = z.object({ myPathsVersion: z.string(), myPaths: z.object({ edges: z.array(z.unknown()) }) });

let hub: SchemaTown;
beforeAll(async () => {
  hub = await startSchemaTown();
});
afterAll(() => hub.stop());

async function asked(person: number) {
  const { data } = await hub.ask(
    "{ myPathsVersion myPaths(first: 50) { edges { node { id } } } }",
    phoneOf(hub.town.tenant, person),
  );
  const { myPathsVersion, myPaths } = Answer.parse(data);
  return { version: myPathsVersion, paths: myPaths.edges.length };
}

test("the version is another one when a right comes or ends, and the old one when it is as it was", async () => {
  const { tenant, database } = hub.town;
  const employee = hub.town.employee("depotWorker");
  const someone = await personByExternalId(database.tables, { tenant, externalId: employee });
  const person = someone?.id ?? expect.unreachable();
  const means = { database, hub: newId(systemRandom), clock: systemClock, random: systemRandom };
  const before = await asked(person);
  expect(before.paths).toBe(0);
  const granted = await grantMembership(means, { tenant, employee, bundle: "bundt-oest" });
  if (!granted.ok) return expect.unreachable(granted.failure.code);
  expect(await pollUntil(async () => (await asked(person)).paths > 0, 5_000)).toBe(true);
  const during = await asked(person);
  expect(during.version).not.toBe(before.version);
  expect((await asked(person)).version).toBe(during.version);
  await endMembership(means, { tenant, membership: granted.value.publicId });
  expect(await pollUntil(async () => (await asked(person)).paths === 0, 5_000)).toBe(true);
  expect((await asked(person)).version).toBe(before.version);
});

test("only a phone has doors of its own", async () => {
  const { errors } = await hub.ask("{ myPathsVersion }", dashboardOf(hub.town.tenant, [{ role: "A" }]));
  expect(errors?.[0]?.message).toBe("not allowed");
});
