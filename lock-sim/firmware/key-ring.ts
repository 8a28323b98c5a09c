import type { KeyObject } from "node:crypto";
import { SimulatorError } from "../ground/fault.ts";
import type { Flash } from "./flash.ts";
import { readPublicKey } from "./keys.ts";

/** What a key may sign. A key of one purpose signs nothing of another. */
export type KeyPurpose = "root" | "command" | "permit";

/** The hub's keys this lock trusts: the root key from commissioning, the others from the cfg document it holds. */
export class KeyRing {
  readonly #flash: Flash;
  readonly #root: { readonly kid: string; readonly key: KeyObject };
  #read = new Map<string, KeyObject>();
  #readFrom: string | undefined;

  constructor(flash: Flash, rootKey: { readonly kid: string; readonly key: string }) {
    const key = readPublicKey(rootKey.key);
    if (key === undefined) throw new SimulatorError("BAD_ROOT_KEY", `root key \`${rootKey.kid}\` is no Ed25519 key`);
    this.#flash = flash;
    this.#root = { kid: rootKey.kid, key };
  }

  find(kid: string, purpose: KeyPurpose): KeyObject | undefined {
    if (purpose === "root") return kid === this.#root.kid ? this.#root.key : undefined;
    this.#refresh();
    return this.#read.get(`${purpose}:${kid}`);
  }

  #refresh(): void {
    const config = this.#flash.config;
    if (config === undefined || config.compact === this.#readFrom) return;
    this.#readFrom = config.compact;
    this.#read = new Map();
    for (const trusted of config.message.keys) {
      const key = readPublicKey(trusted.key);
      if (key !== undefined) this.#read.set(`${trusted.purpose}:${trusted.kid}`, key);
    }
  }
}
