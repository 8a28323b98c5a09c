import { isForeign, type TailBatch } from "../../journal/index.ts";
import type { Tables } from "../../kernel/database.ts";
import { accountNames } from "../../identity/index.ts";
import { personsByIds } from "../../people/index.ts";

/** People remembered: the staff of the largest municipality. */
const REMEMBERED_MAX = 20_000;

/** What an event or an entry tells of an employee, to whoever may read it. */
export interface StaffCard {
  readonly person: number;
  /** Public id. */
  readonly personId: string;
  readonly tenant: number;
  /** The care system's user id. */
  readonly employeeId: string;
  readonly name: string;
}

/** Names and user ids of staff, kept at hand: each event of a live stream would otherwise be a query for each reader. */
export class StaffDirectory {
  readonly #tables: Tables;
  #cards = new Map<number, StaffCard | null>();
  #accounts = new Map<number, string | undefined>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Follows a tail: an import may rename people. */
  take(batch: TailBatch): void {
    if (!batch.entries.some((entry) => isForeign(entry) || entry.kind === "world.imported")) return;
    this.#cards = new Map();
    this.#accounts = new Map();
  }

  /** What is known of these people, by key. */
  async find(persons: readonly number[]): Promise<ReadonlyMap<number, StaffCard>> {
    const cards = this.#cards;
    const missing = persons.filter((person) => !cards.has(person));
    if (missing.length > 0) {
      const rows = await personsByIds(this.#tables, missing);
      if (cards.size + missing.length > REMEMBERED_MAX) cards.clear();
      for (const person of missing) cards.set(person, null);
      for (const { id, publicId, tenant, externalId, name } of rows) {
        cards.set(id, { person: id, personId: publicId, tenant, employeeId: externalId, name });
      }
    }
    return new Map(
      persons.flatMap((person) => {
        const card = cards.get(person) ?? null;
        return card === null ? [] : [[person, card]];
      }),
    );
  }

  /** The name of an account, for what was done from a dashboard. */
  async accountName(account: number): Promise<string | undefined> {
    const accounts = this.#accounts;
    if (!accounts.has(account)) {
      if (accounts.size >= REMEMBERED_MAX) accounts.clear();
      accounts.set(account, (await accountNames(this.#tables, [account])).get(account));
    }
    return accounts.get(account);
  }
}
