import { makePgArray, parsePgArray } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { systemClock, type Clock } from "./clock.ts";
import type { DatabaseSocket, Patience } from "./database-socket.ts";
import { JournalUnavailableError } from "./errors.ts";
import { SocketWatch, type WantedConnection } from "./socket-watch.ts";
import { TransactionLanes } from "./transaction-lanes.ts";

/** Connections for single statements of requests. Transactions have their own, see {@link TransactionLanes}. */
const POOL_CONNECTIONS_MAX = 4;
/** Connections that follow the journal: the tail, and a few who ask for its head meanwhile. */
const FOLLOWER_CONNECTIONS_MAX = 3;
/** Connections for searches; more of them at once wait, and only for each other. */
const READER_CONNECTIONS_MAX = 4;
/** Connections of their own for what must not wait for others: two at once, for statements and for transactions. */
const RESERVED_CONNECTIONS_MAX = 2;
/** Waiting for a row's lock longer than this means that somebody is frozen; better to fail than to queue. */
const LOCK_TIMEOUT_MS = 2_000;
/** A hub that stops in the middle of a transaction must not hold the head's lock. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 1_000;
/** No statement of a request takes this long; imports set their own. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** Far more than a connection takes; what takes longer is tried anew rather than waited for. */
const CONNECT_TIMEOUT_S = 3;
/** Longest pause before a lost connection is made anew: doors wait for it, and it costs Postgres next to nothing. */
const RECONNECT_S_MAX = 1;
/** The pause after the first failure; each further one doubles it. */
const RECONNECT_S_FIRST = 0.05;
/**
 * How long connections may be silent: above the statement's own limit, for a living Postgres has answered by then, with an
 * error if need be. Under TLS longer, because idle connections are made anew too; still below what a request may take.
 */
const PATIENCE: Patience = { answerMs: STATEMENT_TIMEOUT_MS + 2_500, hiddenMs: 15_000 };
/** Reading all rights at a hub's start may take a minute, by its own limit; a transaction of that kind may so far be silent. */
const LONG_TRANSACTION_MS = 65_000;
/** A connection that ends well takes milliseconds; what is left then is cut. */
const CLOSE_TIMEOUT_S = 2;

/** The tables, for `store.ts` files. */
export type Tables = PostgresJsDatabase;

/** Raw SQL, for the journal. */
export type Sql = postgres.Sql;

/** What ends a transaction: a last statement that goes out with COMMIT in one round trip, nothing awaited between. */
export interface Ending<Value> {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
  readonly value: Value;
}

/**
 * Lets the statements of one transaction take longer before its connection counts as silent, in milliseconds. It does not
 * move Postgres's own limits; whoever sets those calls this too.
 */
export type AllowLonger = (statementMs: number) => void;

/** The hub's connections to Postgres. */
export interface Database {
  readonly url: string;
  /** Queries outside a transaction. */
  readonly tables: Tables;
  /** Raw client with a connection of its own for the journal's hot path. */
  readonly hot: Sql;
  /** Raw client for following the journal, its head and its clock: short statements only, for every door hangs on them. */
  readonly raw: Sql;
  /** Raw client for searches and catching up, which may be slow. */
  readonly reader: Sql;
  /**
   * Runs `work` in one READ COMMITTED transaction and sends its ending together with COMMIT. Rejects with what Postgres
   * says; then nothing of it stands, unless the connection broke behind the ending (the caller asks the journal).
   */
  transact<Value>(
    work: (tables: Tables, allow: AllowLonger) => Promise<Ending<Value>>,
  ): Promise<{ value: Value; rows: readonly unknown[] }>;
  /** `tables` and `transact` over connections that nothing else is asked on, so that they are never waited for: for blocks. */
  readonly reserved: Pick<Database, "tables" | "transact">;
  close(): Promise<void>;
}

const timeouts = {
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
};

/** Postgres's type numbers of `integer[]` and `text[]`, the only arrays in use; they are the same in every release. */
const INTEGER_ARRAY = 1007;
const TEXT_ARRAY = 1009;

function arrayText(values: readonly unknown[] | string): string {
  // The ORM writes arrays itself and hands over their text.
  return typeof values === "string" ? values : makePgArray([...values]);
}

// Told here rather than asked of each new pool: the driver lets queries pass while it asks, and those would get text.
const arrays = {
  integers: {
    to: INTEGER_ARRAY,
    from: [INTEGER_ARRAY],
    serialize: arrayText,
    parse: (text: string) => parsePgArray(text).map(Number),
  },
  texts: {
    to: TEXT_ARRAY,
    from: [TEXT_ARRAY],
    serialize: arrayText,
    parse: (text: string) => parsePgArray(text),
  },
};

/** Seconds to wait before a lost connection is made anew, after so many failures in a row. */
function reconnectSeconds(failures: number): number {
  return Math.min(RECONNECT_S_FIRST * 2 ** failures, RECONNECT_S_MAX);
}

interface ClientOptions {
  readonly name: string;
  readonly max: number;
  readonly socket: (wanted: WantedConnection) => DatabaseSocket;
  readonly onclose?: () => void;
}

function client(url: string, { name, ...options }: ClientOptions): Sql {
  const all = {
    ...options,
    // It asks for the rest all the same: without that question a new connection never serves who reserved it.
    types: arrays,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: reconnectSeconds,
    onnotice: () => undefined,
    connection: { application_name: `portner ${name}`, TimeZone: "UTC", ...timeouts },
  };
  return postgres(url, all);
}

/** Tables whose transactions run on lanes. */
function tablesOf(pool: Sql, lanes: TransactionLanes): Tables {
  const begin = <Value>(work: (sql: Sql) => Promise<Value>): Promise<Value> =>
    lanes.run(
      ({ sql, allow }) => {
        allow(LONG_TRANSACTION_MS);
        return work(sql);
      },
      async (sql, value) => {
        await sql.unsafe("COMMIT");
        return value;
      },
    );
  const onLanes = new Proxy(pool, { get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)) });
  return drizzle({ client: onLanes, casing: "snake_case" });
}

/**
 * Opens the hub's pools. Connections are made when they are first needed, so a database that is away fails later. One that
 * goes silent is given up after seconds, and what was asked on it fails as unavailable.
 */
export function openDatabase(
  url: string,
  { clock = systemClock, patience = PATIENCE }: { readonly clock?: Clock; readonly patience?: Patience } = {},
): Database {
  const watch = new SocketWatch(clock, patience);
  const poolOf = (name: string, max: number): Sql => client(url, { name, max, socket: watch.maker() });
  const pool = poolOf("pool", POOL_CONNECTIONS_MAX);
  const hot = poolOf("journal", 2);
  const raw = poolOf("follower", FOLLOWER_CONNECTIONS_MAX);
  const reader = poolOf("reader", READER_CONNECTIONS_MAX);
  const lanesOf = (name: string, count?: number): TransactionLanes =>
    new TransactionLanes(
      ({ lost, made }) => client(url, { name, max: 1, socket: watch.maker(made), onclose: lost }),
      count,
    );
  const lanes = lanesOf("transactions");
  const reservedPool = poolOf("reserved", RESERVED_CONNECTIONS_MAX);
  const reservedLanes = lanesOf("reserved transactions", RESERVED_CONNECTIONS_MAX);
  return {
    url,
    hot,
    raw,
    reader,
    tables: tablesOf(pool, lanes),
    transact: (work) => transactOn(lanes, work),
    reserved: {
      tables: tablesOf(reservedPool, reservedLanes),
      transact: (work) => transactOn(reservedLanes, work),
    },
    close: async () => {
      const all = [pool, hot, raw, reader, reservedPool, ...lanes.clients, ...reservedLanes.clients];
      await Promise.all(all.map((each) => each.end({ timeout: CLOSE_TIMEOUT_S })));
      watch.destroyAll();
    },
  };
}

function transactOn<Value>(
  lanes: TransactionLanes,
  work: (tables: Tables, allow: AllowLonger) => Promise<Ending<Value>>,
): Promise<{ value: Value; rows: readonly unknown[] }> {
  return lanes.run(
    ({ tables, allow }) => work(tables, allow),
    async (sql, { text, parameters, value }) => {
      const last = sql.unsafe(text, [...parameters], { prepare: true });
      const [rows] = await Promise.all([last, sql.unsafe("COMMIT")]);
      return { value, rows };
    },
  );
}

/** Postgres error states that mean "not now": lost or refused connections, time-outs, shutdown. */
const UNAVAILABLE_STATES = new Set(["55P03", "57014", "25P03", "25P04", "57P01", "57P02", "57P03", "53300"]);

/** Whether an error says that Postgres is away or did not answer in time, rather than that a statement was wrong. */
export function isUnavailable(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (error instanceof JournalUnavailableError || cause instanceof JournalUnavailableError) return true;
  if (cause instanceof postgres.PostgresError) {
    return cause.code.startsWith("08") || UNAVAILABLE_STATES.has(cause.code);
  }
  if (!(cause instanceof Error) || !("code" in cause)) return false;
  return (
    typeof cause.code === "string" && /^(CONNECT|ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|ENOENT|CONNECTION_)/.test(cause.code)
  );
}

/** The SQLSTATE of an error, if it came from Postgres. */
export function sqlState(error: unknown): string | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof postgres.PostgresError ? cause.code : undefined;
}
