import type { Clock, Instant } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Database } from "../kernel/database.ts";
import { noteTokenUse } from "./store/accounts.ts";

/** A token that is used all day writes its row this often. */
const WRITE_MS = 60_000;

/** Keeps `lastUsedAt` of API tokens, to the minute. A note that can't be written is lost; nothing rests on it. */
export class TokenUse {
  readonly #deps: { readonly database: Database; readonly clock: Clock; readonly log: Log };
  readonly #written = new Map<number, Instant>();

  constructor(deps: { readonly database: Database; readonly clock: Clock; readonly log: Log }) {
    this.#deps = deps;
  }

  /** Notes that a token was used now. */
  note(token: number): void {
    const { database, clock, log } = this.#deps;
    const now = clock.now();
    if (now - (this.#written.get(token) ?? Number.NEGATIVE_INFINITY) < WRITE_MS) return;
    this.#written.set(token, now);
    noteTokenUse(database.tables, token, new Date(now)).catch((error: unknown) => {
      this.#written.delete(token);
      log.warn({ type: error instanceof Error ? error.name : typeof error, token }, "a token's use was not noted");
    });
  }
}
