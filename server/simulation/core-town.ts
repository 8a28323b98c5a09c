import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { askProofText, seal, signingInput, toBase64url, type AskMessage } from "@portner/schema/mqtt";
import { followTail, loadCore, type HubCore } from "../boot/core.ts";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { createHubClock } from "../kernel/hub-clock.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { commission } from "../locks/commission.ts";
import type { RegisteredLock } from "../locks/registry.ts";
import { startTestBroker, storedCredential, testCredential, type TestBroker } from "./broker.ts";
import { signedClaim, unitKeyPair } from "./claim.ts";
import { pollUntil } from "./poll.ts";
import { RawMqtt } from "./raw-mqtt.ts";
import { townDatabase, type TownDatabase } from "./town.ts";

const READY_MS = 15_000;

/** A lock whose firmware is the test: its key and its own connection to the broker. */
export interface SpokenLock {
  readonly lock: RegisteredLock;
  readonly key: KeyObject;
  readonly line: RawMqtt;
}

/** A hub without its port on a real Postgres and a real broker; what locks say is said by the test, over the broker. */
export interface CoreTown {
  readonly town: TownDatabase;
  readonly broker: TestBroker;
  readonly core: HubCore;
  /** Commissions the next lock of the town and connects it. */
  join(): Promise<SpokenLock>;
  stop(): Promise<void>;
}

/** Starts a town of which no lock is in service yet. `machine` is the clock of the machine that the hub runs on. */
export async function startCoreTown({ locks = 12, machine = systemClock } = {}): Promise<CoreTown> {
  const town = await townDatabase({ locks });
  const hub = testCredential({ user: "hub-first" });
  const broker = await startTestBroker({ credentials: [hub] });
  const clock = createHubClock(machine);
  const core = await loadCore({
    hub: newId(systemRandom),
    version: "test",
    databaseUrl: town.url,
    broker: { url: broker.url, user: hub.user, secret: hub.secret },
    sealing: town.sealing,
    clock,
    machineClock: machine,
    random: systemRandom,
    log: silentLog,
    migrateOnBoot: false,
  });
  followTail(core);
  await core.start();
  await until(() => core.connection.state().status === "connected", "the hub did not reach its broker");
  const joined: RawMqtt[] = [];
  return {
    town,
    broker,
    core,
    join: async () => {
      const place = town.world.locks[joined.length];
      const spoken = await join({ town, broker, core }, { serial: place?.serial ?? "", claim: place?.claim ?? "" });
      joined.push(spoken.line);
      return spoken;
    },
    stop: async () => {
      for (const line of joined) line.cut();
      await core.stop();
      await broker.stop();
      await town.drop();
    },
  };
}

type Parts = Pick<CoreTown, "town" | "broker" | "core">;

async function join(
  { town, broker, core }: Parts,
  place: { readonly serial: string; readonly claim: string },
): Promise<SpokenLock> {
  const pair = unitKeyPair();
  const common = { clock: systemClock, random: systemRandom, keyring: core.link.keyring, hub: core.hub };
  const deps = { ...common, database: town.database, publishCredential: () => Promise.resolve() };
  const done = await commission(deps, signedClaim(place, pair));
  if (!done.ok) throw new PortnerError(done.failure, "a lock was not commissioned");
  const { lock, unit, tenant, brokerSecret: secret } = done.value;
  await broker.addStored(storedCredential({ role: "lock", user: lock, tenant, secret }));
  await until(() => core.link.registry.byUnitId(unit) !== undefined, "a lock did not come into service");
  const registered = core.link.registry.byUnitId(unit);
  if (registered === undefined) throw new PortnerError("NO_SUCH_LOCK", "a lock left service at once");
  const line = new RawMqtt(broker.url);
  await line.connect({ clientId: lock, user: lock, secret });
  await line.subscribe(`portner/1/${tenant}/${lock}/ans`);
  return { lock: registered, key: pair.privateKey, line };
}

/** A credential that nobody enrolled: as good as any to ask about. */
const stranger = generateKeyPairSync("ed25519").privateKey;

/** A question about a shown credential as this lock's firmware would sign it, with a challenge of its own. */
export function signedAsk({ lock, key }: Pick<SpokenLock, "lock" | "key">, at = Date.now(), boot = 1): Buffer {
  const challenge = toBase64url(systemRandom.bytes(16));
  const proof = toBase64url(sign(null, Buffer.from(askProofText(lock.unitId, challenge), "ascii"), stranger));
  const about = { cred: "credential-of-nobody", gen: 1, proof };
  const ask: AskMessage = { v: 1, kind: "credential", unit: lock.unitId, boot, at, challenge, ...about };
  const text = signingInput("ask", lock.unitId, ask);
  return Buffer.from(seal(text, sign(null, Buffer.from(text, "ascii"), key)));
}

/** The topic on which a lock asks. */
export function askTopic({ tenantId, lockId }: RegisteredLock): string {
  return `portner/1/${tenantId}/${lockId}/ask`;
}

async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  if (!(await pollUntil(() => Promise.resolve(isSo()), READY_MS))) throw new PortnerError("NOT_READY", otherwise);
}
