import type { Clock } from "./clock.ts";
import { DatabaseSocket, type Destination, type Patience } from "./database-socket.ts";
import { InvariantError } from "./errors.ts";

/** What the driver tells of the connection that it wants, as it has read it from the address. */
export interface WantedConnection {
  readonly path?: string | false | null | undefined;
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly ssl?: unknown;
}

/** Makes the connections of one database, and ends those that Postgres has gone silent on. */
export class SocketWatch {
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #sockets = new Set<DatabaseSocket>();

  constructor(clock: Clock, patience: Patience) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /**
   * A maker for one client of the driver: each call begins a connection, to the next host where the address names
   * several. `made` is told each.
   */
  maker(made?: (socket: DatabaseSocket) => void): (wanted: WantedConnection) => DatabaseSocket {
    let attempts = 0;
    return (wanted) => {
      const destination = destinationOf(wanted, attempts);
      attempts += 1;
      const socket = new DatabaseSocket(destination, {
        clock: this.#clock,
        patience: this.#patience,
        hidden: Boolean(wanted.ssl),
        onSilent: (silent, since) => this.#doubtOthers(silent, since),
      });
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      made?.(socket);
      return socket;
    };
  }

  /** Ends what the driver has left open, without a word to the other side. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.giveUp();
  }

  // Nobody should find out one by one, at several seconds each, that the line behind all of them is dead.
  #doubtOthers(silent: DatabaseSocket, since: number): void {
    for (const socket of this.#sockets) {
      if (socket !== silent && socket.heardAt <= since) socket.giveUp();
    }
  }
}

function destinationOf({ path, host, port }: WantedConnection, attempt: number): Destination {
  if (typeof path === "string" && path !== "") return { path };
  const index = attempt % Math.max(1, host.length);
  const [name, number] = [host[index], port[index]];
  if (name === undefined || number === undefined) throw new InvariantError("the driver named no host");
  return { host: name, port: number };
}
