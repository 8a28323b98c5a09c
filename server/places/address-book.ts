import { isForeign, type JournalTail } from "../journal/index.ts";
import type { Tables } from "../kernel/database.ts";
import { AddressSearch } from "./address-search.ts";
import { addressesOfTenant, type AddressRow } from "./store/addresses.ts";

/** The addresses of each tenant in memory, ready to be searched; read at the first search, and again after an import. */
export class AddressBook {
  readonly #tables: Tables;
  readonly #searches = new Map<number, Promise<AddressSearch<AddressRow>>>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Follows a tail: what changes places has them read anew. */
  follow(tail: Pick<JournalTail, "onBatch">): () => void {
    return tail.onBatch(({ entries }) => {
      if (entries.some((entry) => isForeign(entry) || entry.kind === "world.imported")) this.forget();
    });
  }

  /** Has everything read anew at the next search. */
  forget(): void {
    this.#searches.clear();
  }

  /** The addresses of a tenant. Rejects when Postgres is away and they were not read before. */
  async ofTenant(tenant: number): Promise<AddressSearch<AddressRow>> {
    const known = this.#searches.get(tenant);
    if (known !== undefined) return known;
    const reading = addressesOfTenant(this.#tables, tenant).then((rows) => new AddressSearch(rows));
    this.#searches.set(tenant, reading);
    try {
      return await reading;
    } catch (error) {
      if (this.#searches.get(tenant) === reading) this.#searches.delete(tenant);
      throw error;
    }
  }
}
