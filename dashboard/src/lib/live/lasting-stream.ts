import type { Document, GraphqlFailure } from "../graphql/index.ts";
import type { LiveSession } from "./session.ts";

/** How soon a stream that the hub has ended is asked for again; twice as late each time nothing came of it. */
const AGAIN_MS_MIN = 1_000;
/** An update of the hub takes minutes: so late at most do events come again behind it. */
const AGAIN_MS_MAX = 30_000;
const ENDED: GraphqlFailure = { kind: "broken", code: "ENDED", message: "the stream ended" };

/** What a lasting stream needs of its page. */
export interface LastingStreamDeps {
  readonly live: { readonly subscribe: LiveSession["subscribe"] };
  /** Runs something after a while; the answer calls it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** What a lasting stream tells its reader. */
export interface LastingStreamEvents<Data> {
  next(data: Data): void;
  /** The hub ended it; it is asked for again by itself, and stands again once something comes. */
  lost(failure: GraphqlFailure): void;
}

/** A stream that is taken up again. */
export interface LastingStream {
  /** Asks for it at once. */
  again(): void;
  end(): void;
}

/**
 * Subscribes and goes on for as long as it is not ended: a lost line is the session's business, and a stream that the hub
 * itself ended is asked for again with what `variables` gives then. Only a session that has ended is final.
 */
export function openLastingStream<Data, Variables extends object>(
  { live, after }: LastingStreamDeps,
  document: Document<Data, Variables>,
  { variables, next, lost }: LastingStreamEvents<Data> & { readonly variables: () => Variables },
): LastingStream {
  let tries = 0;
  let stop: () => void = () => undefined;
  let callOff: () => void = () => undefined;
  const end = (): void => {
    callOff();
    stop();
  };
  const again = (): void => {
    end();
    // A subscription that was ended here says its end too, which is nobody's news.
    let isCurrent = true;
    const unsubscribe = live.subscribe(document, variables, {
      next: (data) => {
        if (!isCurrent) return;
        tries = 0;
        next(data);
      },
      ended: (failure = ENDED) => {
        if (!isCurrent) return;
        stop();
        if (failure.kind !== "signed-out") callOff = after(Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** tries), again);
        tries += 1;
        lost(failure);
      },
    });
    stop = () => {
      if (!isCurrent) return;
      isCurrent = false;
      unsubscribe();
    };
  };
  again();
  return { again, end };
}
