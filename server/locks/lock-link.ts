import { contentOfEntry, isForeign, type JournalTail, type Recorder, type TailBatch } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import type { Sealing } from "../kernel/sealing.ts";
import type { BrokerConnection, Publisher, Router } from "../mqtt/index.ts";
import { Acknowledger } from "./acknowledge.ts";
import { ageOfAsk } from "./ask-age.ts";
import { askToReport } from "./ask-to-report.ts";
import { AskIntake, type OnCredential } from "./ask-intake.ts";
import { CommandTracker } from "./command-tracker.ts";
import { condemn } from "./condemn.ts";
import { ConfigPublisher } from "./config-document.ts";
import { Dispatcher } from "./dispatch.ts";
import { isLockEntry } from "./event-entry.ts";
import { LockFleet, type Freshness } from "./fleet.ts";
import { FloodWatch } from "./flood-watch.ts";
import { EventIntake } from "./intake.ts";
import { Keyring } from "./keyring.ts";
import { MessageQuarantine } from "./message-quarantine.ts";
import { LockRegistry, type RegisteredLock } from "./registry.ts";
import { RegistryKeeper } from "./registry-keeper.ts";
import { Signer } from "./signer.ts";
import { keepMessage, operationOf, storedUnits } from "./store.ts";
import { settleOverdueCommands, storeTelemetry } from "./sweep.ts";
import { TelemetryIntake } from "./telemetry-intake.ts";
import { UplinkLimits } from "./uplink-limits.ts";

/** Pause between two rounds of housekeeping. */
const SWEEP_INTERVAL_MS = 2_000;

/** What the lock link works with. */
export interface LockLinkDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly sealing: Sealing;
  readonly recorder: Recorder;
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly clockTrusted: () => boolean;
  readonly onCredential: OnCredential;
  /** Told when a lock proved which deny list it holds. */
  readonly onDenyProof?: (lock: RegisteredLock, digest: string) => void;
  /** Journal number that this hub's decisions stand on. */
  readonly revision: () => number;
  readonly heartbeatMs?: number;
}

/** Everything between the hub and its locks, put together. */
export class LockLink {
  readonly registry = new LockRegistry();
  readonly fleet = new LockFleet();
  readonly keyring = new Keyring();
  readonly signer: Signer;
  readonly tracker: CommandTracker;
  readonly dispatcher: Dispatcher;
  readonly quarantine: MessageQuarantine;
  readonly configs: ConfigPublisher;
  readonly limits: UplinkLimits;
  readonly #floods: FloodWatch;
  readonly #deps: LockLinkDeps;
  readonly #keeper: RegistryKeeper;
  #cancelSweep: () => void = () => undefined;
  #stopped = false;

  constructor(deps: LockLinkDeps) {
    this.#deps = deps;
    const { clock, log, database, recorder, publisher, connection } = deps;
    const { registry, fleet, keyring } = this;
    this.signer = new Signer((tenant, purpose) => keyring.signing(tenant, purpose));
    this.tracker = new CommandTracker(clock);
    const common = { clock, log, recorder, registry, fleet, publisher, signer: this.signer };
    this.quarantine = new MessageQuarantine({ clock, log, store: (message) => keepMessage(database.tables, message) });
    this.dispatcher = new Dispatcher({ ...common, connection, tracker: this.tracker });
    this.#floods = this.#watchFloods();
    this.limits = new UplinkLimits({
      clock,
      registry,
      onExcess: (lock, message) => this.#floods.excess(lock, message),
    });
    const heartbeat = deps.heartbeatMs === undefined ? {} : { heartbeatMs: deps.heartbeatMs };
    this.configs = new ConfigPublisher({ ...common, ...heartbeat, tables: database.tables, keyring });
    this.#keeper = new RegistryKeeper({
      ...common,
      tables: database.tables,
      keyring,
      reloadKeys: () => keyring.load(database.tables, deps.sealing),
      onServiced: (locks) => this.#publishConfigs(() => this.configs.publish(locks)),
      onLeft: (lock) => this.#publishConfigs(() => this.configs.withdraw(lock)),
    });
  }

  /** Loads keys, locks and what was last known of them. */
  async load(): Promise<void> {
    await this.keyring.load(this.#deps.database.tables, this.#deps.sealing);
    await this.#keeper.load();
    this.fleet.restore(await storedUnits(this.#deps.database.tables));
  }

  /** Follows the journal: commands, locks in service, and events that other hubs recorded. */
  follow(tail: JournalTail): void {
    tail.onBatch((batch) => {
      this.#keeper.take(batch);
      this.#takeEvents(batch);
      this.tracker.take(batch);
    });
  }

  /** Begins to listen to locks; call it once the hub is allowed to acknowledge. */
  listen(router: Router): void {
    const { clock, log, recorder, publisher, connection, database, hub } = this.#deps;
    const { registry, fleet, signer, quarantine, dispatcher } = this;
    const acknowledger = new Acknowledger({ publisher, signer, clock });
    const common = { clock, log, recorder, registry, fleet, publisher, signer, quarantine, dispatcher, acknowledger };
    const { clockTrusted, onCredential } = this.#deps;
    const events = new EventIntake({
      ...common,
      clockTrusted,
      condemn: (lock, cause, at) => condemn({ database, hub, clock }, lock, { cause, at }),
      recordedContent: (entryId) => contentOfEntry(database.tables, entryId),
      operationOf: async (command, lock) => {
        const tracked = this.tracker.find(command);
        return tracked?.lock === lock.lock ? tracked.op : operationOf(database.tables, command, lock.unit);
      },
      standingOf: (command) => this.tracker.find(command)?.standing.state,
      onCommitted: (lock, event) => {
        this.#run(() => this.#floods.committed(lock), "a lock that floods the journal was not taken out of service");
        if (event.kind !== "holds") return;
        this.#deps.onDenyProof?.(lock, event.deny.digest);
        void this.configs.onProof(lock, event.cfg?.digest);
      },
    });
    const asks = new AskIntake({ ...common, clockTrusted, onCredential });
    const telemetry = new TelemetryIntake(common);
    const { limits } = this;
    router.onLock(
      "evt",
      limits.limited("evt", (message) => events.take(message)),
    );
    router.onLock(
      "ask",
      limits.limited("ask", (message) => asks.take(message)),
    );
    router.onLock(
      "tel",
      limits.limited("tel", (message) => telemetry.take(message)),
    );
    // A will is a hint; presence is the heartbeat.
    router.onLock("gone", () => undefined);
    router.onLock("cfg", (message) => {
      const lock = registry.byId(message.lock);
      return lock === undefined ? undefined : this.configs.onReadBack(lock, message.payload);
    });
    connection.onConnected(() => this.#publishConfigs(() => this.configs.publishAll()));
    const off = connection.onConnected(() => {
      queueMicrotask(() => off());
      void askToReport({ ...common, hub, revision: this.#deps.revision }, () => this.#stopped);
    });
    this.#sweep();
  }

  /** Locks in service by how fresh what we know of them is. */
  freshnessCounts(): ReadonlyMap<Freshness, number> {
    const counts = new Map<Freshness, number>([
      ["live", 0],
      ["late", 0],
      ["silent", 0],
      ["never", 0],
    ]);
    const now = this.#deps.clock.now();
    for (const lock of this.registry.all()) {
      const freshness = this.fleet.entryOf(lock, now)?.freshness ?? "never";
      counts.set(freshness, (counts.get(freshness) ?? 0) + 1);
    }
    return counts;
  }

  /** Ends housekeeping; stores what was heard last. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSweep();
    await this.#keeper.stop();
    await this.#housekeep();
  }

  #takeEvents(batch: TailBatch): void {
    for (const entry of batch.entries) {
      if (!isForeign(entry) && entry.kind === "unit.decommissioned") this.fleet.forget(entry.data.unit);
      if (isForeign(entry) || !isLockEntry(entry) || entry.unit === undefined || entry.lock === undefined) continue;
      this.fleet.commit({ unit: entry.unit, lock: entry.lock }, entry, undefined, entry.sequence);
    }
  }

  #watchFloods(): FloodWatch {
    const { database, hub, clock, log } = this.#deps;
    return new FloodWatch({
      clock,
      log,
      condemn: (lock, at) => condemn({ database, hub, clock }, lock, { cause: "FLOOD", at }),
      committedOf: ({ unit, lock }) => {
        const { boot, sequence } = this.fleet.sequencerOf(unit, lock).committed;
        return { boot, seq: sequence };
      },
      isTimely: ({ unit }, ask) => typeof ageOfAsk(ask, this.fleet.clockOf(unit), clock.now()) !== "string",
    });
  }

  #publishConfigs(work: () => Promise<void>): void {
    this.#run(work, "configuration documents were not published; the next connect will");
  }

  #run(work: () => Promise<void>, otherwise: string): void {
    work().catch((error: unknown) => this.#deps.log.warn({ error: String(error) }, otherwise));
  }

  #sweep(): void {
    this.#cancelSweep = this.#deps.clock.after(SWEEP_INTERVAL_MS, () => {
      void this.#housekeep().finally(() => {
        if (!this.#stopped) this.#sweep();
      });
    });
  }

  async #housekeep(): Promise<void> {
    const { database, clock, hub, log } = this.#deps;
    const deps = { database, clock, hub, fleet: this.fleet };
    this.limits.forgetRested();
    this.#floods.forgetRested();
    try {
      await settleOverdueCommands(deps);
      await storeTelemetry(deps);
    } catch (error) {
      log.warn({ error: String(error) }, "housekeeping of locks failed; it is tried again");
    }
  }
}
