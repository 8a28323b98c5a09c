import type { LiveSession } from "../live/session.ts";
import { RESIDUAL_PLACES } from "./documents.ts";

/** Addresses asked for at once, as the API's page of a list allows without costing much. */
const ASKED_MAX = 100;

/** Where the locks of a residual list stand; each is asked for once. */
export class ResidualPlaces {
  #known: ReadonlyMap<string, string> = $state.raw(new Map());
  readonly #asked = new Set<string>();
  readonly #live: { readonly request: LiveSession["request"] };

  constructor(live: { readonly request: LiveSession["request"] }) {
    this.#live = live;
  }

  /** Address of a lock; `undefined` while it is not known, or not the viewer's to know. */
  of(lockId: string): string | undefined {
    return this.#known.get(lockId);
  }

  /** Asks for those that are not known yet. */
  know(lockIds: readonly string[]): void {
    const ids = [...new Set(lockIds)].filter((id) => !this.#asked.has(id)).slice(0, ASKED_MAX);
    if (ids.length === 0) return;
    for (const id of ids) this.#asked.add(id);
    void this.#ask(ids);
  }

  async #ask(ids: string[]): Promise<void> {
    const answer = await this.#live.request(RESIDUAL_PLACES, { ids, first: ids.length });
    if (!answer.ok) return;
    const found = answer.value.locks.edges.map(({ node }) => [node.id, node.addressText] as const);
    this.#known = new Map([...this.#known, ...found]);
  }
}
