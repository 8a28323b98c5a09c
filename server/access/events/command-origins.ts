import { authorisationsOf, isForeign, type JournalEntry, type TailBatch } from "../../journal/index.ts";
import type { Sql } from "../../kernel/database.ts";

/** Commands remembered: the busiest hour of a large city. Older ones are read from the journal again. */
const REMEMBERED_MAX = 20_000;

/** Who and what is behind a command, as its authorisation says. */
export interface CommandOrigin {
  /** The one lock that it counts at. */
  readonly lock: number | undefined;
  readonly via: "phone" | "remote" | "door";
  readonly person: number | undefined;
  readonly credential: number | undefined;
  readonly account: number | undefined;
  readonly path: number | undefined;
}

/** Who is behind each command: from the tail for those that were just authorised, from the journal for older ones. */
export class CommandOrigins {
  readonly #sql: Sql;
  readonly #known = new Map<string, CommandOrigin | null>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Follows a tail; register it before whoever asks. */
  take(batch: TailBatch): void {
    for (const entry of batch.entries) if (!isForeign(entry)) this.#learn(entry);
  }

  /** The origins of these commands; a command that nobody authorised has none. */
  async find(commands: readonly string[]): Promise<ReadonlyMap<string, CommandOrigin>> {
    const asked = [...new Set(commands)];
    const missing = asked.filter((command) => !this.#known.has(command));
    if (missing.length > 0) {
      for (const entry of await authorisationsOf(this.#sql, missing)) this.#learn(entry);
      for (const command of missing) if (!this.#known.has(command)) this.#remember(command, null);
    }
    return new Map(
      asked.flatMap((command) => {
        const origin = this.#known.get(command) ?? null;
        return origin === null ? [] : [[command, origin]];
      }),
    );
  }

  #learn(entry: JournalEntry): void {
    if (entry.command === undefined) return;
    if (entry.kind !== "command.authorised" && entry.kind !== "answer.given") return;
    const { lock, person, credential, actor: account, path } = entry;
    const atDoor = entry.kind === "answer.given" || this.#known.get(entry.command)?.via === "door";
    const via = atDoor ? "door" : credential === undefined ? "remote" : "phone";
    this.#remember(entry.command, { lock, via, person, credential, account, path });
  }

  #remember(command: string, origin: CommandOrigin | null): void {
    this.#known.delete(command);
    this.#known.set(command, origin);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED_MAX) return;
      this.#known.delete(oldest);
    }
  }
}
