import type { GraphqlFailure, RequestOptions, Result } from "../graphql/index.ts";
import { unmetIn, type HitRow } from "./hits.ts";

/** Fewest characters that the hub looks for. */
export const TEXT_CHARACTERS_MIN = 2;

/** How often what is found is looked at anew while it is shown: about a door that somebody stands at. */
export const SEARCH_AGAIN_MS = 5_000;

/** So long is one text asked for: the newest waits behind it, and whoever calls is on the line. */
const SEARCH_MS_MAX = 5_000;

/** Where the keyboard stands when it is for the operator to choose. */
const NOTHING_CHOSEN = -1;

/** What the search works with. */
export interface HotlineSearchDeps {
  /** The hub's time, in milliseconds since 1970. */
  hubMs(): number;
  /** Asks within the limit: until it has answered, nothing else is asked. */
  ask(
    text: string,
    limit: Required<Pick<RequestOptions, "limitMs">>,
  ): Promise<Result<readonly HitRow[], GraphqlFailure>>;
  /** Goes where the operator chose to go. */
  choose(choice: Choice): void;
}

/** What somebody chose: a hit, or to look up a citizen by the typed text. */
export type Choice =
  { readonly kind: "hit"; readonly row: HitRow } | { readonly kind: "look-up"; readonly text: string };

/**
 * The search of the console: one question at a time, the newest text next, so that answers never overtake each other. The
 * best hit is chosen already, unless it is another home than the one that was typed; behind the hits stands the look-up of
 * a citizen by the same text.
 */
export class HotlineSearch {
  readonly #deps: HotlineSearchDeps;
  #isAsking = false;
  /** Enter was pressed before the answer to this text was there. */
  #awaited: string | undefined;
  /** What is typed. */
  text: string = $state("");
  /** The text that the rows answer. */
  answered: string = $state("");
  rows: readonly HitRow[] = $state.raw([]);
  /** When the rows were last told by the hub, by its clock; absent where there was no answer. */
  answeredAtMs: number | undefined = $state();
  /** Why the text was not answered. */
  failure: GraphqlFailure | undefined = $state.raw();
  /** Whether the rows could not be looked at anew; they stay as they were. */
  hasMissed: boolean = $state(false);
  /** Which choice the keyboard stands on, negative for none; the look-up is the one behind the last row. */
  active: number = $state(0);
  /** The home that was typed, where there is no such one. */
  readonly unmet: string | undefined = $derived(unmetIn(this.rows));
  readonly hasText: boolean = $derived(this.text.trim().length >= TEXT_CHARACTERS_MIN);
  /** Whether the rows answer what is typed. */
  readonly isAnswered: boolean = $derived(this.answered === this.text.trim());

  constructor(deps: HotlineSearchDeps) {
    this.#deps = deps;
  }

  /** Takes what is typed. */
  type(text: string): void {
    this.text = text;
    this.#awaited = undefined;
    if (!this.hasText) {
      this.rows = [];
      this.answered = "";
      this.failure = undefined;
      this.active = 0;
      return;
    }
    if (!this.isAnswered || this.failure !== undefined) void this.#ask();
  }

  /** Looks at what is found anew: nothing moves under the operator's hands but what the hub tells differently. */
  renew(): void {
    if (this.hasText && this.isAnswered && this.failure === undefined) void this.#ask();
  }

  /** Asks the same again after a failure. */
  retry(): void {
    void this.#ask();
  }

  /** Moves among the hits and the look-up, round the ends. */
  move(by: number): void {
    const count = this.rows.length + 1;
    const from = this.active === NOTHING_CHOSEN && by < 0 ? 0 : this.active;
    this.active = (from + by + count) % count;
  }

  /** Chooses what the keyboard stands on; while the answer is on its way, the best of it once it is there. */
  enter(): void {
    if (!this.hasText) return;
    if (this.failure !== undefined) this.retry();
    else if (this.isAnswered) this.pick(this.active);
    else this.#awaited = this.text.trim();
  }

  /** Chooses by place in the list. */
  pick(at: number): void {
    if (at === NOTHING_CHOSEN) return;
    const row = this.rows[at];
    this.#deps.choose(row === undefined ? { kind: "look-up", text: this.text.trim() } : { kind: "hit", row });
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    let asked: string;
    do {
      asked = this.text.trim();
      this.#take(asked, await this.#deps.ask(asked, { limitMs: SEARCH_MS_MAX }));
    } while (this.hasText && asked !== this.text.trim());
    this.#isAsking = false;
  }

  #take(asked: string, answer: Result<readonly HitRow[], GraphqlFailure>): void {
    if (!this.hasText) return;
    const isAgain = asked === this.answered && this.failure === undefined;
    this.hasMissed = isAgain && !answer.ok;
    if (answer.ok) this.answeredAtMs = this.#deps.hubMs();
    if (isAgain) {
      if (answer.ok) this.#replace(answer.value);
      return;
    }
    this.failure = answer.ok ? undefined : answer.failure;
    this.rows = answer.ok ? answer.value : [];
    this.answered = asked;
    this.active = this.unmet === undefined ? 0 : NOTHING_CHOSEN;
    if (this.#awaited !== asked || this.text.trim() !== asked) return;
    this.#awaited = undefined;
    if (answer.ok) this.pick(this.active);
  }

  /** The keyboard stays on the same choice, wherever that stands now; the look-up is the one without a key. */
  #replace(rows: readonly HitRow[]): void {
    if (this.active === NOTHING_CHOSEN) {
      this.rows = rows;
      return;
    }
    const chosen = this.rows[this.active]?.key;
    const at = rows.findIndex(({ key }) => key === chosen);
    this.rows = rows;
    this.active = at === -1 ? rows.length : at;
  }
}
