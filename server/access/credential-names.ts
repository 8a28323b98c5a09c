import type { Tables } from "../kernel/database.ts";
import { credentialByPublicId } from "../people/index.ts";

/** Names kept, each of some 150 bytes: every phone and smartkey of a large municipality. The oldest give way. */
export const CREDENTIAL_NAMES_MAX = 50_000;

/** A credential's key and its holder's; neither ever changes, so what was read once stays true. */
export interface NamedCredential {
  readonly id: number;
  readonly person: number;
}

/** Finds credentials by their public ids: the first time in Postgres, from then on in memory. */
export class CredentialNames {
  readonly #tables: Tables;
  readonly #max: number;
  readonly #known = new Map<string, NamedCredential>();

  constructor(tables: Tables, max = CREDENTIAL_NAMES_MAX) {
    this.#tables = tables;
    this.#max = max;
  }

  /** How many are kept. */
  get size(): number {
    return this.#known.size;
  }

  /** The credential of this public id. One that does not exist is looked for each time: it may be enrolled yet. */
  async find(publicId: string): Promise<NamedCredential | undefined> {
    return this.#known.get(publicId) ?? this.#read(publicId);
  }

  async #read(publicId: string): Promise<NamedCredential | undefined> {
    const row = await credentialByPublicId(this.#tables, publicId);
    if (row === undefined) return undefined;
    const named = { id: row.id, person: row.person };
    this.#known.set(publicId, named);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
    return named;
  }
}
