import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import type { HubMessage } from "../mqtt/publisher.ts";
import { signedClaim } from "../simulation/claim.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { commission } from "./commission.ts";
import { ConfigPublisher, REPAIR_INTERVAL_MS } from "./config-document.ts";
import { Keyring } from "./keyring.ts";
import { LockRegistry, type RegisteredLock } from "./registry.ts";
import { RegistryKeeper } from "./registry-keeper.ts";
import { Signer } from "./signer.ts";

let town: TownDatabase;
const keyring = new Keyring();
const registry = new LockRegistry();

beforeAll(async () => {
  town = await townDatabase({ locks: 30 });
  const { database, hub, world } = town;
  await keyring.load(database.tables, town.sealing);
  const { serial = "", claim = "" } = world.locks[0] ?? {};
  const deps = { database, hub, clock: systemClock, random: systemRandom, keyring };
  await commission({ ...deps, publishCredential: () => Promise.resolve() }, signedClaim({ serial, claim }));
  const nothing = { reloadKeys: () => Promise.resolve(), onServiced: () => undefined, onLeft: () => undefined };
  const common = { tables: database.tables, clock: systemClock, log: silentLog, registry, keyring };
  await new RegistryKeeper({ ...common, ...nothing }).load();
});
afterAll(() => town.drop());

/** A publisher of documents whose broker writes down what it is given. */
function publisher() {
  const sent: HubMessage[] = [];
  const clock = new ManualClock();
  const publish = (message: HubMessage) => {
    sent.push(message);
    return Promise.resolve("sent" as const);
  };
  const signer = new Signer((tenant, purpose) => keyring.signing(tenant, purpose));
  const { tables } = town.database;
  const configs = new ConfigPublisher({
    ...{ clock, log: silentLog, tables, registry, keyring, signer },
    publisher: { publish },
  });
  return { configs, sent, clock };
}

function lock(): RegisteredLock {
  const [only] = [...registry.all()];
  if (only === undefined) return expect.unreachable("no lock is in service");
  return only;
}

test("a lock whose proof is of another document gets ours again, once in ten seconds", async () => {
  const { configs, sent, clock } = publisher();
  await configs.publishAll();
  const wrong = newId(systemRandom);
  for (let proofs = 0; proofs < 5; proofs += 1) await configs.onProof(lock(), wrong);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toMatchObject({ channel: "cfg", retain: true, payload: sent[0]?.payload });
  clock.advance(REPAIR_INTERVAL_MS - 1);
  await configs.onReadBack(lock(), new Uint8Array());
  expect(sent).toHaveLength(2);
  clock.advance(1);
  await configs.onReadBack(lock(), new Uint8Array());
  expect(sent).toHaveLength(3);
  await configs.onReadBack(lock(), sent[0]?.payload ?? new Uint8Array());
  expect(sent).toHaveLength(3);
});

test("the document of a unit that left goes off the broker, and nothing brings it back", async () => {
  const { configs, sent } = publisher();
  await configs.publishAll();
  await configs.withdraw(lock());
  expect(sent[1]).toMatchObject({ channel: "cfg", retain: true, payload: new Uint8Array() });
  await configs.onReadBack(lock(), new Uint8Array());
  await configs.onProof(lock(), undefined);
  expect(sent).toHaveLength(2);
});

test("two hubs make one document of the same facts, so that neither mends the other's", async () => {
  const [one, other] = [publisher(), publisher()];
  await one.configs.publishAll();
  await other.configs.publishAll();
  expect(other.sent[0]?.payload).toEqual(one.sent[0]?.payload);
});
