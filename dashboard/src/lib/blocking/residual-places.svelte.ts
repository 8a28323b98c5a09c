import type { LiveSession } from "../live/session.ts";
import { RESIDUAL_PLACES } from "./documents.ts";

/** Addresses asked for at once, as the API's page of a list allows without costing much. */
const ASKED_MAX = 100;

/** Where a lock stands, as far as it is known here. */
export type ResidualPlace =
  | { readonly kind: "known"; readonly address: string }
  /** The hub was asked, and does not show this lock to the viewer. */
  | { readonly kind: "outside" }
  | { readonly kind: "asking" }
  /** The last request failed; the next look at the block asks again. */
  | { readonly kind: "failed" };

/** Where the locks of a residual list stand; each is asked for until the hub has answered. */
export class ResidualPlaces {
  #known: ReadonlyMap<string, ResidualPlace> = $state.raw(new Map());
  #hasFailed = $state(false);
  #isAsking = false;
  readonly #live: { readonly request: LiveSession["request"] };

  constructor(live: { readonly request: LiveSession["request"] }) {
    this.#live = live;
  }

  /** Where a lock stands. */
  of(lockId: string): ResidualPlace {
    return this.#known.get(lockId) ?? { kind: this.#hasFailed ? "failed" : "asking" };
  }

  /** Asks for those that are not known yet. In an effect, what did not fit is asked for once this has been answered. */
  know(lockIds: readonly string[]): void {
    const known = this.#known;
    const ids = [...new Set(lockIds)].filter((id) => !known.has(id)).slice(0, ASKED_MAX);
    if (ids.length > 0 && !this.#isAsking) void this.#ask(ids);
  }

  async #ask(ids: string[]): Promise<void> {
    this.#isAsking = true;
    const answer = await this.#live.request(RESIDUAL_PLACES, { ids, first: ids.length });
    this.#isAsking = false;
    this.#hasFailed = !answer.ok;
    if (!answer.ok) return;
    const addresses = new Map(answer.value.locks.edges.map(({ node }) => [node.id, node.addressText]));
    const places = ids.map((id): readonly [string, ResidualPlace] => {
      const address = addresses.get(id);
      return [id, address === undefined ? { kind: "outside" } : { kind: "known", address }];
    });
    this.#known = new Map([...this.#known, ...places]);
  }
}
