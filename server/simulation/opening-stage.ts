import { generateKeyPairSync } from "node:crypto";
import { decode, type CommandMessage } from "@portner/schema/mqtt";
import { OperationFeed, type OpenDeps, type OpenRequest } from "../access/opening/index.ts";
import { newEntry, readAfter, isForeign, Recorder, type JournalEntry, type Recorded } from "../journal/index.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { CommandTracker } from "../locks/command-tracker.ts";
import { Dispatcher } from "../locks/dispatch.ts";
import { LockFleet } from "../locks/fleet.ts";
import { LockRegistry, type RegisteredLock } from "../locks/registry.ts";
import { Signer } from "../locks/signer.ts";
import { unitsInService } from "../locks/store.ts";
import type { HubMessage, Publisher } from "../mqtt/index.ts";
import { startAccessHub, type AccessHub } from "./access-hub.ts";
import { migratedDatabase, type MigratedDatabase } from "./database.ts";
import { fillSmallTown } from "./rights-database.ts";

/** Something that was handed to the broker, with the command in it where it is one. */
export interface Sent {
  readonly lock: number;
  readonly channel: HubMessage["channel"];
  readonly id: string | undefined;
  readonly challenge: string | undefined;
}

/** What a lock does about a command. */
export type Behaviour = (stage: OpeningStage, lock: RegisteredLock, command: string) => Promise<unknown>;

/**
 * The opening engine on a real Postgres and a real tail, in the small town of `fillSmallTown`. Only what would need a
 * broker is played: a lock does what its behaviour says, and its evidence is recorded as the intake would.
 */
export class OpeningStage {
  readonly db: MigratedDatabase;
  readonly hub: AccessHub;
  readonly registry = new LockRegistry();
  readonly fleet = new LockFleet();
  readonly tracker: CommandTracker;
  readonly recorder: Recorder;
  readonly signer: Signer;
  readonly publisher: Publisher;
  readonly sent: Sent[] = [];
  readonly behaviours = new Map<number, Behaviour>();
  /** What became of each item that the engine recorded. */
  readonly outcomes: Recorded["outcome"][] = [];
  /** How much later than its decision a command comes to be signed, by the clock. */
  signedAfterMs = 0;
  /** Where the engine's clock stands still, if it does. */
  frozenAt: number | undefined;
  connected = true;
  #numbered = 0;

  static async open(): Promise<OpeningStage> {
    const db = await migratedDatabase();
    await fillSmallTown(db.database);
    const stage = new OpeningStage(db, await startAccessHub(db.url));
    const { publicKey: unitKey } = generateKeyPairSync("ed25519");
    for (const { publicKey: _, quarantinedAt: __, ...row } of await unitsInService(db.database.tables)) {
      stage.registry.put({ ...row, unitKey, telemetryKey: new Uint8Array(32), quarantinedAt: null });
      stage.fleet.heard(row.unit, row.lock, Date.now() + 3_600_000);
    }
    return stage;
  }

  private constructor(db: MigratedDatabase, hub: AccessHub) {
    this.db = db;
    this.hub = hub;
    this.tracker = new CommandTracker(systemClock);
    this.recorder = new Recorder({ sql: db.database.hot, hub: hub.hub, clock: systemClock });
    const { privateKey: key } = generateKeyPairSync("ed25519");
    this.signer = new Signer(() => ({ kid: "key-00000001", key }));
    this.publisher = { publish: (message) => Promise.resolve(this.#publish(message)) };
  }

  /** What opening works with; of another hub where one is given, which then decides. */
  deps(hub: AccessHub = this.hub): OpenDeps {
    const { tracker, fleet, registry, signer, publisher } = this;
    const clock: Clock = { ...systemClock, now: () => this.frozenAt ?? Date.now() };
    const signing: Clock = { ...clock, now: () => clock.now() + this.signedAfterMs };
    const connection = {
      state: () =>
        this.connected
          ? { status: "connected" as const, since: 0 }
          : { status: "disconnected" as const, since: 0, reason: "STARTING" as const },
    };
    const recorder: OpenDeps["recorder"] = {
      record: async (item) => {
        const recorded = await this.recorder.record(item);
        this.outcomes.push(recorded.outcome);
        return recorded;
      },
    };
    const operations = new OperationFeed({ clock, tracker });
    hub.tail.onBatch((batch) => tracker.take(batch));
    hub.tail.onBatch((batch) => operations.take(batch));
    const dispatcher = new Dispatcher({ clock: signing, recorder, signer, publisher, connection, fleet, tracker });
    const { tables } = this.db.database;
    const common = { tables, clock, random: systemRandom, log: silentLog, index: hub.index };
    return { ...common, recorder, registry, dispatcher, tracker, operations };
  }

  /** A press on the phone of carer 1 to 6; `more` replaces what it needs. */
  press(credential: number, target: OpenRequest["target"], more: Partial<OpenRequest["opener"]> = {}): OpenRequest {
    const opener: OpenRequest["opener"] = {
      asker: { type: "credential", credential },
      tenant: 1,
      caller: `credential:${credential}`,
      credentialId: `credential-${credential}`,
      person: credential,
      account: undefined,
      stillMay: () => true,
      ...more,
    };
    return { opener, target, idempotencyKey: newId(systemRandom), reason: undefined };
  }

  /** The lock in service with this key. */
  lock(key: number): RegisteredLock {
    const lock = this.registry.byLock(key);
    if (lock === undefined) throw new PortnerError("NO_SUCH_LOCK", `lock ${key} is not in service`);
    return lock;
  }

  /** Records what a lock says of a command, with the command's new state. */
  async say(lock: RegisteredLock, command: string, said: "opened" | "jammed"): Promise<void> {
    this.#numbered += 1;
    const subject = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1, command };
    const about = { ...subject, lock: lock.lock, unit: lock.unit, door: lock.door };
    const made = { boot: 1, sequence: this.#numbered, clockTrusted: true, clockErrorMs: 0 };
    const origin = { cause: "command" as const, command, permit: null };
    const stands = { bolt: "withdrawn", latch: "extended", durationMs: 900, batteryLoadMillivolts: null } as const;
    const entry =
      said === "opened"
        ? newEntry("lock.moved", { ...about, data: { ...made, ...origin, ...stands } })
        : newEntry("lock.jammed", { ...about, data: { ...made, ...origin, towards: "withdrawn" } });
    const row = { id: command, unit: lock.unit, state: said, detail: null, settled: true };
    await this.recorder.record({ entries: [entry], rows: { command_state: [row] }, haste: "urgent" });
  }

  /** Everything the journal says of an operation or its commands, oldest first. */
  async entriesOf(operation: string): Promise<readonly JournalEntry[]> {
    const entries = await this.entries();
    const commands = new Set(
      entries.flatMap((entry) =>
        entry.kind === "command.authorised" && entry.data.operation === operation ? [entry.command] : [],
      ),
    );
    return entries.filter(
      (entry) =>
        (entry.command !== undefined && commands.has(entry.command)) ||
        ("operation" in entry.data && entry.data.operation === operation),
    );
  }

  /** The whole journal, oldest first. */
  async entries(): Promise<readonly JournalEntry[]> {
    const all: JournalEntry[] = [];
    for (;;) {
      const { entries } = await readAfter(this.db.database.raw, all.at(-1)?.sequence ?? 0, 512);
      if (entries.length === 0) return all;
      all.push(...entries.flatMap((entry) => (isForeign(entry) ? [] : [entry])));
    }
  }

  async close(): Promise<void> {
    await this.hub.stop();
    await this.db.drop();
  }

  #publish(message: HubMessage): "sent" | "offline" {
    if (!this.connected) return "offline";
    const command = message.channel === "cmd" || message.channel === "ans" ? readCommand(message) : undefined;
    const lock = "lock" in message ? this.registry.byId(message.lock) : undefined;
    const { channel } = message;
    this.sent.push({ lock: lock?.lock ?? 0, channel, id: command?.id, challenge: command?.challenge });
    if (lock === undefined || command === undefined) return "sent";
    const behave = this.behaviours.get(lock.lock) ?? OPENS;
    behave(this, lock, command.id).catch(() => this.sent.push({ lock: -1, channel, id: "failed", challenge: "" }));
    return "sent";
  }
}

/** The door opens. */
export const OPENS: Behaviour = (stage, lock, command) => stage.say(lock, command, "opened");
/** The motor gives up. */
export const JAMS: Behaviour = (stage, lock, command) => stage.say(lock, command, "jammed");
/** Nothing is ever heard. */
export const SAYS_NOTHING: Behaviour = () => Promise.resolve();

function readCommand({ channel, payload }: HubMessage): Pick<CommandMessage, "id" | "challenge"> | undefined {
  if (channel === "cmd") {
    const read = decode("cmd", payload);
    return read.ok ? read.decoded.message : undefined;
  }
  const read = decode("ans", payload);
  return read.ok && read.decoded.message.kind === "allow" ? read.decoded.message : undefined;
}
