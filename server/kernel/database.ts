import { makePgArray, parsePgArray, PgDatabase, PgDialect } from "drizzle-orm/pg-core";
import { drizzle, PostgresJsSession, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { JournalUnavailableError } from "./errors.ts";

/** Connections for requests and use cases; each is held for one short transaction. */
const POOL_CONNECTIONS_MAX = 8;
/** Connections that follow the journal: the tail, and a few who ask for its head meanwhile. */
const FOLLOWER_CONNECTIONS_MAX = 3;
/** Connections for searches; more of them at once wait, and only for each other. */
const READER_CONNECTIONS_MAX = 4;
/** Waiting for a row's lock longer than this means that somebody is frozen; better to fail than to queue. */
const LOCK_TIMEOUT_MS = 2_000;
/** A hub that stops in the middle of a transaction must not hold the head's lock. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 1_000;
/** No statement of a request takes this long; imports set their own. */
const STATEMENT_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_S = 5;

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
    work: (tables: Tables) => Promise<Ending<Value>>,
  ): Promise<{ value: Value; rows: readonly unknown[] }>;
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

function client(url: string, name: string, max: number): Sql {
  return postgres(url, {
    max,
    // It asks for the rest all the same: without that question a new connection never serves who reserved it.
    types: arrays,
    connect_timeout: CONNECT_TIMEOUT_S,
    onnotice: () => undefined,
    connection: { application_name: `portner ${name}`, TimeZone: "UTC", ...timeouts },
  });
}

/** The tables as seen by one reserved connection. */
function tablesOn(connection: postgres.Sql): Tables {
  const dialect = new PgDialect({ casing: "snake_case" });
  const session = new PostgresJsSession<postgres.Sql, Record<string, never>, Record<string, never>>(
    connection,
    dialect,
    undefined,
  );
  return new PgDatabase(dialect, session, undefined);
}

/** Opens the hub's pools. Connections are made when they are first needed, so a database that is away fails later. */
export function openDatabase(url: string): Database {
  const pool = client(url, "pool", POOL_CONNECTIONS_MAX);
  const hot = client(url, "journal", 2);
  const raw = client(url, "follower", FOLLOWER_CONNECTIONS_MAX);
  const reader = client(url, "reader", READER_CONNECTIONS_MAX);
  return {
    url,
    hot,
    raw,
    reader,
    tables: drizzle({ client: pool, casing: "snake_case" }),
    transact: (work) => transactOn(pool, work),
    close: async () => {
      await Promise.all([pool, hot, raw, reader].map((each) => each.end({ timeout: 2 })));
    },
  };
}

async function transactOn<Value>(
  pool: Sql,
  work: (tables: Tables) => Promise<Ending<Value>>,
): Promise<{ value: Value; rows: readonly unknown[] }> {
  const connection = await pool.reserve();
  try {
    await connection.unsafe("BEGIN");
    let ending: Ending<Value>;
    try {
      ending = await work(tablesOn(connection));
    } catch (error) {
      await connection.unsafe("ROLLBACK");
      throw error;
    }
    const last = connection.unsafe(ending.text, [...ending.parameters], { prepare: true });
    const [rows] = await Promise.all([last, connection.unsafe("COMMIT")]);
    return { value: ending.value, rows };
  } finally {
    connection.release();
  }
}

/** Postgres error states that mean "not now": lost or refused connections, time-outs, shutdown. */
const UNAVAILABLE_STATES = new Set(["55P03", "57014", "25P03", "25P04", "57P01", "57P02", "57P03", "53300"]);

/** Whether an error says that Postgres is away or did not answer in time, rather than that a statement was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof JournalUnavailableError) return true;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
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
