import { PgDatabase, PgDialect } from "drizzle-orm/pg-core";
import { drizzle, PostgresJsSession, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import type { DatabaseSocket } from "./database-socket.ts";
import { JournalUnavailableError } from "./errors.ts";

/** Transactions at once; each is short, and they meet at the journal's head anyway. */
const LANES_MAX = 6;
/** Transactions that wait for a lane: more than a crowd of people asks for in the seconds that a request may take. */
export const TRANSACTIONS_WAITING_MAX = 1_000;

/** One transaction's connection. Once it is lost, whatever is asked on it is refused. */
export interface TransactionConnection {
  readonly sql: postgres.Sql;
  readonly tables: PostgresJsDatabase;
  /** Lets statements of this transaction take this long before the connection counts as silent. */
  readonly allow: (statementMs: number) => void;
}

interface Lane {
  readonly client: postgres.Sql;
  socket: DatabaseSocket | undefined;
  losses: number;
  onLoss: () => void;
}

/** Makes a client of a single connection. `lost` is to be called when it closes, `made` with each socket. */
export type LaneClient = (hooks: {
  readonly lost: () => void;
  readonly made: (socket: DatabaseSocket) => void;
}) => postgres.Sql;

/**
 * Connections for transactions, each a client of its own. The driver's own transactions and reservations are not used: when
 * the connection behind them is lost, the next statement, be it the ROLLBACK, is written to no socket and ends the process.
 */
export class TransactionLanes {
  readonly #lanes: readonly Lane[];
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  constructor(makeClient: LaneClient, lanes: number = LANES_MAX) {
    this.#lanes = Array.from({ length: lanes }, () => makeLane(makeClient));
    this.#free = [...this.#lanes];
  }

  /** The driver's clients, to be ended. */
  get clients(): readonly postgres.Sql[] {
    return this.#lanes.map(({ client }) => client);
  }

  /**
   * Runs `work` between BEGIN and `end`, which sends COMMIT; a failure rolls back. Rejects with JournalUnavailableError when
   * the connection is lost: then nothing stands, unless `end` had begun.
   */
  async run<Value, Ended>(
    work: (connection: TransactionConnection) => Promise<Value>,
    end: (connection: postgres.Sql, value: Value) => Promise<Ended>,
  ): Promise<Ended> {
    const lane = await this.#take();
    try {
      return await runOn(lane, work, end);
    } finally {
      lane.onLoss = () => undefined;
      lane.socket?.relent();
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  }

  #take(): Promise<Lane> {
    const lane = this.#free.pop();
    if (lane !== undefined) return Promise.resolve(lane);
    if (this.#waiting.length >= TRANSACTIONS_WAITING_MAX) {
      return Promise.reject(new JournalUnavailableError("too many transactions wait for a connection"));
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

function makeLane(makeClient: LaneClient): Lane {
  const hooks = {
    lost: () => {
      lane.losses += 1;
      lane.onLoss();
    },
    made: (socket: DatabaseSocket) => {
      lane.socket = socket;
    },
  };
  const client = makeClient(hooks);
  // Teaches the client the ORM's ways with times and JSON; a reserved connection shares them, but can't be taught.
  drizzle({ client });
  const lane: Lane = { client, socket: undefined, losses: 0, onLoss: () => undefined };
  return lane;
}

/** The tables as seen by one reserved connection. */
function tablesOn(connection: postgres.Sql): PostgresJsDatabase {
  const dialect = new PgDialect({ casing: "snake_case" });
  const session = new PostgresJsSession<postgres.Sql, Record<string, never>, Record<string, never>>(
    connection,
    dialect,
    undefined,
  );
  return new PgDatabase(dialect, session, undefined);
}

async function runOn<Value, Ended>(
  lane: Lane,
  work: (connection: TransactionConnection) => Promise<Value>,
  end: (connection: postgres.Sql, value: Value) => Promise<Ended>,
): Promise<Ended> {
  const reserved = await lane.client.reserve();
  const since = lane.losses;
  const isLost = (): boolean => lane.losses !== since;
  const lost = new Promise<never>((_, reject) => {
    lane.onLoss = () => reject(new JournalUnavailableError("the connection was lost within a transaction"));
  });
  // Whoever waits for it hears of it; after the end nobody does.
  lost.catch(() => undefined);
  try {
    await Promise.race([reserved.unsafe("BEGIN"), lost]);
    const sql = gated(reserved, isLost);
    const connection = {
      sql,
      tables: tablesOn(sql),
      allow: (statementMs: number) => lane.socket?.extend(statementMs),
    };
    const value = await Promise.race([work(connection), lost]);
    return await Promise.race([end(sql, value), lost]);
  } catch (error) {
    if (!isLost()) await Promise.race([reserved.unsafe("ROLLBACK"), lost]).catch(() => undefined);
    throw error;
  } finally {
    // A lost connection was taken back by the driver when it closed.
    if (!isLost()) reserved.release();
  }
}

/** The connection, with everything refused once it is lost. */
function gated<Client extends postgres.Sql>(client: Client, isLost: () => boolean): Client {
  const refuse = (): void => {
    if (isLost()) throw new JournalUnavailableError("the connection was lost within a transaction");
  };
  return new Proxy(client, {
    apply: (target, self, args) => {
      refuse();
      return Reflect.apply(target, self, args);
    },
    get: (target, name) => {
      if (name === "unsafe") refuse();
      return Reflect.get(target, name);
    },
  });
}
