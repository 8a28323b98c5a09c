import type { Revision } from "@portner/schema/journal";
import type { FanOut } from "../../graphql/fan-out/fan-out.ts";
import type { SharedRequest } from "../../graphql/fan-out/shared-request.ts";
import type { SharedSource } from "../../graphql/fan-out/shared-source.ts";
import { BEAT_MS } from "../../graphql/live-stream.ts";
import { rightsScope, type KnownPrincipal } from "../../identity/index.ts";
import { ok, type Result } from "../../kernel/result.ts";
import type { ConsultedInvolvement } from "./consulted-involvement.ts";
import type { Candidate } from "./door-event-feed.ts";
import {
  edgeOf,
  readPage,
  startOf,
  type DoorEventEdge,
  type DoorEventRequest,
  type DoorEventSource,
  type Start,
} from "./door-event-place.ts";
import { DoorEventStream } from "./door-event-stream.ts";

/** What shared streams of door events stand on. */
export interface SharedDoorEventSource extends DoorEventSource {
  readonly fanOut: FanOut<Candidate, DoorEventEdge>;
  readonly involvement: Pick<ConsultedInvolvement, "mayHaveJob">;
}

/** What one reader of shared streams asks for. */
export interface SharedDoorEventRequest extends DoorEventRequest {
  readonly principal: KnownPrincipal;
  /** The filter behind `select`, evaluated, as text. */
  readonly filter: string;
}

/** Like `openDoorEvents`, sharing what is live with everybody whose filter and rights are the same. */
export async function openSharedDoorEvents(
  source: SharedDoorEventSource,
  request: SharedDoorEventRequest,
): Promise<Result<SharedSource<DoorEventEdge>, { readonly code: "CURSOR_IN_FUTURE" }>> {
  const start = await startOf(source, request.after);
  return start.ok ? ok(source.fanOut.open(new OneOfMany(source, request, start.value))) : start;
}

/** One reader's stream as others may share it. There are as many as open screens: methods, where closures would add up. */
class OneOfMany implements SharedRequest<Candidate, DoorEventEdge> {
  readonly scope: string;
  readonly start: number;
  readonly beatMs: number;
  readonly #source: SharedDoorEventSource;
  readonly #request: SharedDoorEventRequest;
  readonly #at: Revision;
  #gap: DoorEventEdge | undefined;

  constructor(source: SharedDoorEventSource, request: SharedDoorEventRequest, { at, gap }: Start) {
    this.scope = JSON.stringify([at.epoch, request.filter, rightsScope(request.principal)]);
    this.start = at.sequence;
    this.beatMs = request.beatMs ?? BEAT_MS;
    this.#source = source;
    this.#request = request;
    this.#at = at;
    this.#gap = gap;
  }

  variantOf(): string {
    return variantOf(this.#source, this.#request.principal);
  }

  eventOf(candidate: Candidate): Promise<DoorEventEdge | undefined> {
    // What lies before the candidate matters to gaps only, and those are met in the journal.
    return edgeOf(this.#source, candidate, { from: this.#at, replayed: false, select: this.#request.select });
  }

  beatAt(position: number): DoorEventEdge {
    return beatAt({ epoch: this.#at.epoch, sequence: position });
  }

  replay(after: number): AsyncGenerator<DoorEventEdge, number> {
    const gap = this.#gap;
    this.#gap = undefined;
    const from = gap === undefined ? { at: { epoch: this.#at.epoch, sequence: after } } : { at: this.#at, gap };
    return replayFrom(this.#source, this.#request, from);
  }

  alone(): DoorEventStream {
    return new DoorEventStream(this.#source, this.#request, this.#at, this.#gap);
  }
}

function beatAt(cursor: Revision): DoorEventEdge {
  return { cursor, event: null, replayed: false, gap: null };
}

/**
 * Rights are the same within a scope but for look-ups, which open a case on one citizen's doors for a while. An event
 * leads on to paths, citizens and other doors, so whoever has a case open shares with their own screens only.
 */
function variantOf({ involvement }: Pick<SharedDoorEventSource, "involvement">, principal: KnownPrincipal): string {
  return involvement.mayHaveJob(principal) ? principal.key : "";
}

/** What the journal holds behind a place, and beats where that takes long; ends with the journal's last place. */
async function* replayFrom(
  source: DoorEventSource,
  { select, beatMs = BEAT_MS }: DoorEventRequest,
  { at, gap }: Start,
): AsyncGenerator<DoorEventEdge, number> {
  if (gap !== undefined) yield gap;
  let from = at;
  let saidAt = source.clock.monotonic();
  for (;;) {
    const page = await readPage(source, from.sequence);
    for (const candidate of page.items) {
      const edge = await edgeOf(source, candidate, { from, replayed: true, select });
      from = { epoch: at.epoch, sequence: candidate.sequence };
      const said = edge ?? (source.clock.monotonic() - saidAt < beatMs ? undefined : beatAt(from));
      if (said === undefined) continue;
      yield said;
      saidAt = source.clock.monotonic();
    }
    from = { epoch: at.epoch, sequence: Math.max(from.sequence, page.position) };
    if (page.caughtUp) return from.sequence;
  }
}
