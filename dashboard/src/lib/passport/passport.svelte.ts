import type { Document, GraphqlFailure, ResultOf } from "../graphql/index.ts";
import { openLastingStream, type LastingStream, type LastingStreamDeps } from "../live/lasting-stream.ts";
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
export interface PassportDeps extends LastingStreamDeps {
  readonly live: {
    readonly subscribe: LiveSession["subscribe"];
    readonly request: LiveSession["request"];
    readonly clock: Pick<LiveSession["clock"], "exactMs">;
  };
}

/** What a page begins with. */
export interface PassportContent {
  /** Global ids of every lock that the page is about. */
  readonly wanted: readonly string[];
  /** Those of them that the viewer is shown. */
  readonly locks: readonly PassportLock[];
}

type StreamName = "facts" | "events";

interface Stream<Data, Variables> {
  readonly document: Document<Data, Variables>;
  readonly variables: Variables;
  next(data: Data): void;
}

/** The locks of one way, kept as they are at the doors. Facts come over the line; what the hub concludes is asked for. */
export class Passport {
  locks: ReadonlyMap<string, PassportLock> = $state.raw(new Map());
  /** When the hub last answered in full, by its own clock. */
  lookedAtMs = $state(0);
  /** Streams that the hub has ended and that have brought nothing since: what they tell of is not known meanwhile. */
  #lost: ReadonlyMap<StreamName, GraphqlFailure> = $state.raw(new Map());
  #unlooked: GraphqlFailure | undefined = $state.raw();
  /** Why the page is not as things are at the doors: a stream is lost, or the last look failed. */
  readonly failure: GraphqlFailure | undefined = $derived(
    this.#lost.get("facts") ?? this.#lost.get("events") ?? this.#unlooked,
  );
  readonly #deps: PassportDeps;
  /** What the page is about, seen or not: a lock that comes into the viewer's reach again is shown again. */
  #wanted: readonly string[] = [];
  #streams: readonly LastingStream[] = [];
  #calledOff: (() => void) | undefined;
  #asked = 0;

  constructor(deps: PassportDeps) {
    this.#deps = deps;
  }

  /** Shows what came with the page. */
  show({ wanted, locks }: PassportContent, lookedAtMs: number): void {
    this.#wanted = wanted;
    this.#see(locks, lookedAtMs);
  }

  /** Follows the locks until the answer is called. Every line begins with how they are, so a lost one leaves no hole. */
  follow(): () => void {
    const ids = [...this.#wanted];
    if (ids.length === 0) return () => undefined;
    this.#streams = [
      this.#open("facts", {
        ...{ document: FACTS_CHANGED, variables: { ids } },
        next: ({ lockChanged: { kind, lock } }) => {
          if (lock !== null) this.#take(lock);
          if (kind === "CHANGED" || kind === "SNAPSHOT_END" || kind === "LEFT") this.lookAgain();
        },
      }),
      this.#open("events", {
        ...{ document: DOOR_EVENTS, variables: { filter: { locks: ids } } },
        next: ({ doorEvents }) => {
          if (doorEvents.node !== null) this.lookAgain();
        },
      }),
    ];
    return () => {
      this.#calledOff?.();
      this.#calledOff = undefined;
      for (const stream of this.#streams) stream.end();
      this.#streams = [];
    };
  }

  /** Takes up at once whatever is lost, and asks the hub anew. */
  again(): void {
    for (const stream of this.#streams) stream.again();
    void this.look();
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
    const ids = [...this.#wanted];
    const answer = await this.#deps.live.request(PASSPORTS, { ids, first: Math.max(1, ids.length) });
    if (asked !== this.#asked) return;
    if (!answer.ok) {
      this.#unlooked = answer.failure;
      return;
    }
    this.#see(
      answer.value.locks.edges.map(({ node }) => node),
      this.#deps.live.clock.exactMs(),
    );
  }

  #see(locks: readonly PassportLock[], lookedAtMs: number): void {
    this.locks = new Map(locks.map((lock) => [lock.id, lock]));
    this.lookedAtMs = lookedAtMs;
    this.#unlooked = undefined;
  }

  #open<Data, Variables extends object>(
    name: StreamName,
    { document, variables, next }: Stream<Data, Variables>,
  ): LastingStream {
    return openLastingStream(this.#deps, document, {
      variables: () => variables,
      next: (data) => {
        this.#stands(name);
        next(data);
      },
      lost: (failure) => (this.#lost = new Map(this.#lost).set(name, failure)),
    });
  }

  /** Only what comes on a stream itself says that it stands again; what happened while it was lost is looked for. */
  #stands(name: StreamName): void {
    if (!this.#lost.has(name)) return;
    this.#lost = new Map([...this.#lost].filter(([lost]) => lost !== name));
    this.lookAgain();
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
