import { sql } from "drizzle-orm";
import { migrate } from "@portner/drizzle/migrate";
import { decode, type DenyMessage } from "@portner/schema/mqtt";
import { DenyPublisher, loadAccessIndex, registerHub, type AccessIndex, type HubHeartbeat } from "../access/index.ts";
import {
  answerCredential,
  endForgottenOperations,
  LateEndings,
  OperationFeed,
  type OpenDeps,
} from "../access/opening/index.ts";
import { JournalTail, preparePartitions, readAfter, Recorder } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { openDatabase, type Database } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { HubClock } from "../kernel/hub-clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import type { Sealing } from "../kernel/sealing.ts";
import { LockDirectory, LockLink } from "../locks/index.ts";
import { connectBroker, createPublisher, Router, type BrokerConnection, type Publisher } from "../mqtt/index.ts";
import { keepForATime } from "./retention.ts";

/** Pause between two looks at partitions and forgotten operations. */
const HOUSEKEEPING_MS = 10_000;

/** What a lock says more than this after its operation ended is told at the next start of a hub. */
const LATE_ENDINGS_MS = 3_600_000;

/** Deliberate trouble, for tests only: a tail that is late, or that hears no wake-ups. */
export interface Disturbance {
  readonly listen?: boolean;
  readonly tailDelayMs?: () => number;
}

/** What the core of a hub works with. */
export interface CoreOptions {
  /** This process's own id (UUID). */
  readonly hub: string;
  readonly version: string;
  readonly databaseUrl: string;
  readonly broker: {
    readonly url: string;
    readonly user: string;
    readonly secret: string;
    readonly ca?: string | undefined;
  };
  readonly sealing: Sealing;
  readonly clock: HubClock;
  readonly machineClock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly migrateOnBoot: boolean;
  readonly heartbeatMs?: number | undefined;
  readonly disturbance?: Disturbance | undefined;
}

/** A hub without its port: journal, index, locks and openings, following one tail. */
export interface HubCore {
  readonly hub: string;
  readonly database: Database;
  readonly recorder: Recorder;
  readonly tail: JournalTail;
  readonly index: AccessIndex;
  readonly link: LockLink;
  readonly directory: LockDirectory;
  readonly connection: BrokerConnection;
  readonly router: Router;
  readonly deny: DenyPublisher;
  readonly opening: OpenDeps;
  readonly lateEndings: LateEndings;
  readonly partitionsReady: () => number;
  /** Begins to follow the journal and to hear locks; whatever else follows the tail must be registered before. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Brings the database forward and loads everything. Rejects when Postgres is away; the caller tries again. */
export async function loadCore(options: CoreOptions): Promise<HubCore> {
  const { clock, log, random, hub } = options;
  if (options.migrateOnBoot) await migrate(options.databaseUrl);
  const database = openDatabase(options.databaseUrl);
  let dialled: BrokerConnection | undefined;
  try {
    const partitions = { ready: await preparePartitions(database.raw) };
    await warmReserved(database);
    await measureClock(database, clock);
    const recorder = new Recorder({ sql: database.hot, hub, clock });
    const { index, revision } = await loadAccessIndex({
      tables: database.tables,
      clock,
      log,
      clockTrusted: () => clock.trusted(),
    });
    const tail = new JournalTail(
      {
        sql: database.raw,
        clock,
        log,
        ...(options.disturbance?.listen !== undefined && { listen: options.disturbance.listen }),
        ...(options.disturbance?.tailDelayMs !== undefined && { delayMs: options.disturbance.tailDelayMs }),
        onDatabaseTime: (time, asked, answered) => clock.takeReading(time, asked, answered),
      },
      revision,
    );
    const router = new Router({ log });
    const connection = dial(options, router);
    dialled = connection;
    const publisher = createPublisher(connection);
    const link = createLink({ options, database, recorder, connection, publisher, index });
    const directory = new LockDirectory({ tables: database.tables, clock, log });
    await Promise.all([link.load(), directory.load()]);
    const deny = createDeny({ options, index, database, link, publisher });
    const { registry, dispatcher, tracker } = link;
    const operations = new OperationFeed({ clock, tracker });
    const { tables } = database;
    const opening: OpenDeps = {
      tables,
      clock,
      random,
      log,
      index,
      recorder,
      registry,
      dispatcher,
      tracker,
      operations,
    };
    const lateEndings = new LateEndings({ tables, clock, log, recorder, tracker });
    const parts = { options, database, recorder, tail, index, link, directory, connection, router, deny, lateEndings };
    return { ...parts, hub, opening, partitionsReady: () => partitions.ready, ...lifecycle(parts, partitions) };
  } catch (error) {
    // It would dial again for ever, and throw out the next try, which has the same name.
    dialled?.stop();
    await database.close();
    throw error;
  }
}

/** Makes the connections that are kept for blocks: whoever blocks has no time for it, nor does a busy Postgres. */
async function warmReserved({ reserved: { tables } }: Database): Promise<void> {
  const ask = (on: Pick<Database["tables"], "execute">): Promise<unknown> => on.execute(sql`SELECT pg_sleep(0.01)`);
  const twice = [0, 1];
  await Promise.all(twice.map(() => ask(tables)));
  await Promise.all(twice.map(() => tables.transaction(ask)));
}

async function measureClock(database: Database, clock: HubClock): Promise<void> {
  // The first answer of a new connection is slow; the second tells the time.
  for (let reading = 0; reading < 2; reading += 1) {
    const asked = clock.monotonic();
    const { databaseTime } = await readAfter(database.raw, 0, 0);
    clock.takeReading(databaseTime, asked, clock.monotonic());
  }
}

function dial({ broker, clock, random, log }: CoreOptions, router: Router): BrokerConnection {
  const { url, user, secret, ca } = broker;
  const onMessage = router.receive.bind(router);
  const connection = connectBroker(
    { url, user, secret, onMessage, ...(ca !== undefined && { ca }) },
    { clock, random, log },
  );
  if (!connection.ok) throw new PortnerError(connection.failure.code, "the broker's address can't be used");
  return connection.value;
}

interface LinkParts {
  readonly options: CoreOptions;
  readonly database: Database;
  readonly recorder: Recorder;
  readonly connection: BrokerConnection;
  readonly publisher: Publisher;
  readonly index: AccessIndex;
}

function createLink({ options, database, recorder, connection, publisher, index }: LinkParts): LockLink {
  const { clock, log, sealing, hub } = options;
  const link: LockLink = new LockLink({
    database,
    hub,
    clock,
    log,
    sealing,
    recorder,
    connection,
    publisher,
    clockTrusted: () => clock.trusted(),
    revision: () => index.revision.sequence,
    onCredential: (lock, asked) => {
      const { registry, signer, dispatcher, tracker } = link;
      const parts = { tables: database.tables, clock, log, index, recorder, publisher };
      return answerCredential({ ...parts, registry, signer, dispatcher, tracker }, lock, asked);
    },
    ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
  });
  return link;
}

interface DenyParts {
  readonly options: CoreOptions;
  readonly index: AccessIndex;
  readonly database: Database;
  readonly link: LockLink;
  readonly publisher: Publisher;
}

function createDeny({ options, index, database, link, publisher }: DenyParts): DenyPublisher {
  const publishDeny = async (tenant: number, message: DenyMessage): Promise<boolean> => {
    const payload = link.signer.sign(tenant, "deny", message);
    return (await publisher.publish({ tenant: message.tenant, channel: "deny", payload, retain: true })) === "sent";
  };
  return new DenyPublisher({ index, tables: database.tables, clock: options.clock, log: options.log, publishDeny });
}

interface Parts {
  readonly options: CoreOptions;
  readonly database: Database;
  readonly recorder: Recorder;
  readonly tail: JournalTail;
  readonly index: AccessIndex;
  readonly link: LockLink;
  readonly directory: LockDirectory;
  readonly connection: BrokerConnection;
  readonly router: Router;
  readonly deny: DenyPublisher;
  readonly lateEndings: LateEndings;
}

function lifecycle(parts: Parts, partitions: { ready: number }): Pick<HubCore, "start" | "stop"> {
  const { options, database, tail, index, link, connection, deny, recorder } = parts;
  let heartbeat: HubHeartbeat | undefined;
  let cancel: () => void = () => undefined;
  let stopped = false;
  let stopPruning: () => Promise<void> = () => Promise.resolve();
  const keepHouse = async (): Promise<void> => {
    try {
      partitions.ready = await preparePartitions(database.raw);
      await endForgottenOperations({ database, clock: options.clock, recorder });
      await parts.lateEndings.lookBack(LATE_ENDINGS_MS);
    } catch (error) {
      options.log.warn({ error: String(error) }, "housekeeping failed; it is tried again");
    }
    if (!stopped) cancel = options.clock.after(HOUSEKEEPING_MS, () => void keepHouse());
  };
  return {
    start: async () => {
      heartbeat = await registerHub({ ...options, database, index });
      tail.start();
      link.listen(parts.router);
      hearDeny(parts);
      await keepHouse();
      await parts.lateEndings.lookBack();
      stopPruning = keepForATime({ database, clock: options.clock, log: options.log });
    },
    stop: async () => {
      stopped = true;
      cancel();
      await stopPruning();
      deny.stop();
      await connection.stop();
      await link.stop();
      await heartbeat?.stop();
      await tail.stop();
      await index.stop();
      await recorder.settled();
      await database.close();
    },
  };
}

/** Registers the core's own followers, in the order in which they must see each entry: rights first. */
export function followTail({ tail, index, link, directory, deny, opening, lateEndings }: HubCore): void {
  index.follow(tail);
  link.follow(tail);
  tail.onBatch((batch) => opening.operations.take(batch));
  tail.onBatch((batch) => lateEndings.take(batch));
  directory.follow(tail);
  deny.follow(tail);
}

function hearDeny({ router, link, deny, connection, index }: Parts): void {
  connection.onConnected(() => deny.onConnected());
  connection.onState((state) => {
    if (state.status === "disconnected") deny.onDisconnected();
  });
  router.onDeny((message) => {
    const tenant = [...index.facts.tenants].find(([, facts]) => facts.publicId === message.tenant)?.[0];
    if (tenant === undefined) return;
    const signed = decode("deny", message.payload);
    const ours = signed.ok && link.keyring.verifies(tenant, "command", signed.decoded);
    deny.onReadBack(tenant, ours ? signed.decoded.message : undefined);
  });
}
