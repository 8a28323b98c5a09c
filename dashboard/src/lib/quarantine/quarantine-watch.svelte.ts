import type { GraphqlFailure, Result } from "../graphql/index.ts";
import type { Quarantine } from "./load-quarantine.ts";

/** How often the page is fetched anew while it is live: no stream tells of messages that made no sense. */
export const QUARANTINE_AGAIN_MS = 10_000;

/** What watching works with. */
export interface QuarantineWatchDeps {
  /** Fetches the page of messages that is shown, and the locks. */
  ask(): Promise<Result<Quarantine, GraphqlFailure>>;
  /** The hub's time, in milliseconds since 1970. */
  hubMs(): number;
}

/** The quarantine as it was last told, and when. */
export class QuarantineWatch {
  readonly #deps: QuarantineWatchDeps;
  #asked = 0;
  told: Quarantine = $state.raw({
    ...{ locks: [], messages: [], totalCount: 0 },
    pageInfo: { hasNextPage: false, endCursor: null },
  });
  /** By the hub's clock. */
  toldAtMs: number | undefined = $state();
  /** Why it could not be fetched anew; what was told stays. */
  failure: GraphqlFailure | undefined = $state.raw();

  constructor(deps: QuarantineWatchDeps) {
    this.#deps = deps;
  }

  /** Shows what came with the page; questions that are under way about another page count no longer. */
  show(told: Quarantine): void {
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

  #take(told: Quarantine): void {
    this.told = told;
    this.toldAtMs = this.#deps.hubMs();
    this.failure = undefined;
  }
}
