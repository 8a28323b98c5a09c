import type { Revision } from "@portner/schema/journal";
import type { FanOut } from "../../graphql/fan-out/fan-out.ts";
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
  if (!start.ok) return start;
  const { at, gap } = start.value;
  const { epoch } = at;
  const { principal, filter, select, beatMs = BEAT_MS } = request;
  const revision = (sequence: number): Revision => ({ epoch, sequence });
  let first = gap;
  const replay = (after: number) => {
    const from: Start = first === undefined ? { at: revision(after) } : { at, gap: first };
    first = undefined;
    return replayFrom(source, request, from);
  };
  return ok(
    source.fanOut.open({
      scope: JSON.stringify([epoch, filter, rightsScope(principal)]),
      start: at.sequence,
      beatMs,
      variantOf: () => variantOf(source, principal),
      // What lies before the candidate matters to gaps only, and those are met in the journal.
      eventOf: (candidate) => edgeOf(source, candidate, { from: at, replayed: false, select }),
      beatAt: (position) => beatAt(revision(position)),
      replay,
      alone: () => new DoorEventStream(source, request, at, gap),
    }),
  );
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
