import type { GraphqlFailure, Result } from "../graphql/index.ts";

/** What renewing works with. */
export interface RenewedDeps<Told> {
  /** Fetches what is shown. */
  ask(): Promise<Result<Told, GraphqlFailure>>;
  /** The hub's time, in milliseconds since 1970. */
  hubMs(): number;
}

/** What no stream tells of, as the hub last told it, and when. */
export class Renewed<Told> {
  readonly #deps: RenewedDeps<Told>;
  #asked = 0;
  told: Told;
  /** By the hub's clock. */
  toldAtMs: number;
  /** Why it could not be fetched anew; what was told stays. */
  failure: GraphqlFailure | undefined = $state.raw();

  /** Begins with what came with the page. */
  constructor(deps: RenewedDeps<Told>, told: Told) {
    this.#deps = deps;
    this.told = $state.raw(told);
    this.toldAtMs = $state(deps.hubMs());
  }

  /** Shows what came with another page; questions that are under way about the one before count no longer. */
  show(told: Told): void {
    this.#asked += 1;
    this.#take(told);
  }

  /** Fetches it anew. An answer that a later question has overtaken is dropped. */
  async look(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const answer = await this.#deps.ask();
    if (asked !== this.#asked) return;
    if (answer.ok) this.#take(answer.value);
    else this.failure = answer.failure;
  }

  #take(told: Told): void {
    this.told = told;
    this.toldAtMs = this.#deps.hubMs();
    this.failure = undefined;
  }
}
