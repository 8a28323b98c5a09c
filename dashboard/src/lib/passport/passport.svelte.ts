import type { ResultOf } from "../graphql/index.ts";
import type { GraphqlFailure } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { DOOR_EVENTS } from "../feed/documents.ts";
import type { LockFacts } from "../path/documents.ts";
import { FACTS_CHANGED, PASSPORTS, type LockEvent } from "./documents.ts";

/** One lock of the page. */
export type PassportLock = ResultOf<typeof PASSPORTS>["locks"]["edges"][number]["node"];
/** What is the case with it. */
export type LockVerdict = PassportLock["verdict"];

/** Events shown: what the hotline reads before it scrolls. */
export const EVENTS_SHOWN = 10;
/** Heartbeats of several locks within this are looked at once. */
const LOOK_AGAIN_MS = 250;

/** What a passport needs of its page. */
export interface PassportDeps {
  readonly live: {
    readonly subscribe: LiveSession["subscribe"];
    readonly request: LiveSession["request"];
    readonly clock: Pick<LiveSession["clock"], "exactMs">;
  };
  /** Runs something after a while; the answer calls it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** The locks of one way, kept as they are at the doors. Facts come over the line; what the hub concludes is asked for. */
export class Passport {
  locks: ReadonlyMap<string, PassportLock> = $state.raw(new Map());
  /** When the hub last answered in full, by its own clock. */
  lookedAtMs = $state(0);
  failure: GraphqlFailure | undefined = $state.raw();
  readonly #deps: PassportDeps;
  #ids: readonly string[] = [];
  #calledOff: (() => void) | undefined;
  #asked = 0;

  constructor(deps: PassportDeps) {
    this.#deps = deps;
  }

  /** Shows what came with the page. */
  show(locks: readonly PassportLock[], lookedAtMs: number): void {
    this.#ids = locks.map(({ id }) => id);
    this.locks = new Map(locks.map((lock) => [lock.id, lock]));
    this.lookedAtMs = lookedAtMs;
    this.failure = undefined;
  }

  /** Follows the locks until the answer is called. Every line begins with how they are, so a lost one leaves no hole. */
  follow(): () => void {
    const ids = [...this.#ids];
    if (ids.length === 0) return () => undefined;
    const { live } = this.#deps;
    const ended = (failure?: GraphqlFailure): void => {
      if (failure !== undefined) this.failure = failure;
    };
    const stops = [
      live.subscribe(FACTS_CHANGED, () => ({ ids }), {
        next: ({ lockChanged: { kind, lock } }) => {
          if (lock !== null) this.#take(lock);
          if (kind === "CHANGED" || kind === "SNAPSHOT_END" || kind === "LEFT") this.lookAgain();
        },
        ended,
      }),
      live.subscribe(DOOR_EVENTS, () => ({ filter: { locks: ids } }), {
        next: ({ doorEvents }) => {
          if (doorEvents.node !== null) this.lookAgain();
        },
        ended,
      }),
    ];
    return () => {
      this.#calledOff?.();
      this.#calledOff = undefined;
      for (const stop of stops) stop();
    };
  }

  /** Asks the hub anew soon; many reasons within a moment make one question. */
  lookAgain(): void {
    this.#calledOff ??= this.#deps.after(LOOK_AGAIN_MS, () => {
      this.#calledOff = undefined;
      void this.look();
    });
  }

  /** Asks the hub anew now. An answer that a later one has overtaken is dropped. */
  async look(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const ids = [...this.#ids];
    const answer = await this.#deps.live.request(PASSPORTS, { ids, first: Math.max(1, ids.length) });
    if (asked !== this.#asked) return;
    if (!answer.ok) {
      this.failure = answer.failure;
      return;
    }
    this.show(
      answer.value.locks.edges.map(({ node }) => node),
      this.#deps.live.clock.exactMs(),
    );
  }

  #take(facts: LockFacts): void {
    const known = this.locks.get(facts.id);
    if (known !== undefined) this.locks = new Map(this.locks).set(facts.id, { ...known, ...facts });
  }
}

/** The newest events of several locks, each once: a path that was refused as a whole stands with each of its locks. */
export function newestEvents(locks: Iterable<Pick<PassportLock, "lastEvents">>): readonly LockEvent[] {
  const events = new Map<string, LockEvent>();
  for (const { lastEvents } of locks) for (const event of lastEvents) events.set(event.id, event);
  return [...events.values()]
    .toSorted((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt))
    .slice(0, EVENTS_SHOWN);
}
