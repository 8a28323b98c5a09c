import type { EventMessage, Operation } from "@portner/schema/mqtt";
import type { Clock } from "../kernel/clock.ts";
import { derivedId, isUuid } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import { newEntry, type NewEntry, type Recorder, type SideRows } from "../journal/index.ts";
import type { LockMessage } from "../mqtt/index.ts";
import type { Acknowledger } from "./acknowledge.ts";
import { isSettled, standingOfEvent, type CommandState } from "./command-state.ts";
import { entryOfEvent, eventEntryId } from "./event-entry.ts";
import type { LockFleet } from "./fleet.ts";
import { advancedLock } from "./lock-state.ts";
import type { MessageQuarantine } from "./message-quarantine.ts";
import type { LockRegistry, RegisteredLock } from "./registry.ts";
import type { Placement, SignedEvent } from "./sequencer.ts";
import { contentOf, openSigned } from "./verify.ts";

/** Why a lock is taken out of service by the hub itself. */
export type Nonsense = Extract<Placement, { place: "nonsense" }>["cause"];

/** What the intake works with. */
export interface IntakeDeps {
  readonly clock: Clock;
  /** Whether the hub's clock is sure. */
  readonly clockTrusted: () => boolean;
  readonly log: Log;
  readonly recorder: Pick<Recorder, "record">;
  readonly registry: LockRegistry;
  readonly fleet: LockFleet;
  readonly acknowledger: Pick<Acknowledger, "request">;
  readonly quarantine: MessageQuarantine;
  /** Takes a lock that sent what a sound lock can't send out of service. */
  readonly condemn: (lock: RegisteredLock, cause: Nonsense, event: EventMessage) => Promise<void>;
  /** Digest of what stands in the journal under an entry's id. */
  readonly recordedContent: (entryId: string) => Promise<string | undefined>;
  /** What a command asked of this very lock, whichever hub sent it; nothing for another's command. */
  readonly operationOf: (command: string, lock: RegisteredLock) => Promise<Operation | undefined>;
  /** Where a command stands, if this hub has seen it. */
  readonly standingOf: (command: string) => CommandState | undefined;
  /** Called after the commit of an event, on the hub that recorded it. */
  readonly onCommitted?: (lock: RegisteredLock, event: EventMessage) => void;
}

/**
 * Takes locks' events: believes only signatures, commits in sequence only, acknowledges only what is committed. What
 * fails is left for the lock to resend; its ring keeps it.
 */
export class EventIntake {
  readonly #deps: IntakeDeps;
  /** Units with a commit under way: one at a time a unit, so that a failure can't let a later event pass it. */
  readonly #busy = new Set<number>();

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** Takes one message of the `evt` channel. */
  async take(message: LockMessage): Promise<void> {
    const lock = this.#deps.registry.byId(message.lock);
    if (lock === undefined || lock.tenantId !== message.tenant) {
      return this.#deps.quarantine.keep(message, "UNKNOWN_LOCK", undefined);
    }
    const decoded = openSigned("evt", message.payload, lock);
    if (typeof decoded === "string") return this.#deps.quarantine.keep(message, decoded, lock);
    if (decoded.message.unit !== lock.unitId) return this.#deps.quarantine.keep(message, "WRONG_UNIT", lock);
    if (lock.quarantinedAt !== null) return;
    await this.#place(lock, { event: decoded.message, content: contentOf(message.payload) });
  }

  async #place(lock: RegisteredLock, signed: SignedEvent): Promise<void> {
    const sequencer = this.#deps.fleet.sequencerOf(lock.unit, lock.lock);
    const placement = sequencer.place(signed);
    switch (placement.place) {
      case "next":
        return this.#commitInOrder(lock, signed);
      case "nonsense":
        return this.#deps.condemn(lock, placement.cause, signed.event);
      case "repeated":
        if (placement.same === false) return this.#deps.condemn(lock, "CONTENT_CONFLICT", signed.event);
        if (placement.same === undefined && !(await this.#sameAsRecorded(lock, signed))) return;
        return this.#deps.acknowledger.request(lock, sequencer.committed);
      case "past":
      case "held":
      case "beyond":
      case "waiting":
        return this.#deps.acknowledger.request(lock, sequencer.committed);
    }
  }

  async #commitInOrder(lock: RegisteredLock, first: SignedEvent): Promise<void> {
    if (this.#busy.has(lock.unit)) return;
    this.#busy.add(lock.unit);
    try {
      const sequencer = this.#deps.fleet.sequencerOf(lock.unit, lock.lock);
      let next: SignedEvent | undefined = first;
      while (next !== undefined) {
        await this.#commit(lock, next);
        next = sequencer.takeNext();
      }
      this.#deps.acknowledger.request(lock, sequencer.committed);
    } catch (error) {
      this.#deps.log.warn({ lock: lock.lockId, error: String(error) }, "an event was not committed; the lock keeps it");
    } finally {
      this.#busy.delete(lock.unit);
    }
  }

  async #commit(lock: RegisteredLock, { event, content }: SignedEvent): Promise<void> {
    const heardAt = this.#deps.clock.now();
    const entry = entryOfEvent({ lock, event, content, heardAt, hubClockTrusted: this.#deps.clockTrusted() });
    const state = advancedLock(this.#deps.fleet.stateOf(lock.unit, lock.lock), entry);
    const op = entry.command === undefined ? undefined : await this.#deps.operationOf(entry.command, lock);
    const rows = sideRows(lock, event, { state, command: entry.command, op, heardAt });
    // Before the event itself: once that stands, a resend is a repetition and would bring them no more.
    for (const verdict of verdictsOf(lock, event, heardAt)) {
      const standing = this.#deps.standingOf(verdict.command);
      if (standing === undefined || OPEN_TO_REFUSAL.has(standing)) await this.#deps.recorder.record(verdict);
    }
    // A door that has opened is waited for by somebody in front of it.
    const haste = entry.command === undefined ? {} : { haste: "urgent" as const };
    const recorded = await this.#deps.recorder.record({ entries: [entry], rows, ...haste });
    // A lost range may begin later each time it is told, so two tellings of it may differ.
    if (recorded.outcome === "repeated" && recorded.content !== content && event.kind !== "lost") {
      return this.#deps.condemn(lock, "CONTENT_CONFLICT", event);
    }
    const sequence = recorded.outcome === "stale" ? 0 : recorded.sequence;
    this.#deps.fleet.commit(lock, entry, content, sequence);
    // Only news is a sign of life; the broker may repeat old words for as long as it likes.
    if (recorded.outcome === "recorded") this.#deps.fleet.heard(lock.unit, lock.lock, heardAt);
    this.#deps.onCommitted?.(lock, event);
  }

  /** Whether a repetition whose digest is no longer in memory is what the journal has; condemns the lock if not. */
  async #sameAsRecorded(lock: RegisteredLock, { event, content }: SignedEvent): Promise<boolean> {
    const recorded = await this.#deps.recordedContent(eventEntryId(lock.unitId, event));
    // Nothing recorded under this number: it stood in a range that was given up as lost.
    if (recorded === undefined || recorded === content) return true;
    await this.#deps.condemn(lock, "CONTENT_CONFLICT", event);
    return false;
  }
}

function sideRows(
  lock: RegisteredLock,
  event: EventMessage,
  after: {
    readonly state: object;
    readonly command: string | undefined;
    readonly op: Operation | undefined;
    readonly heardAt: number;
  },
): SideRows {
  const standing = after.command === undefined ? undefined : standingOfEvent(event, after.op);
  return {
    lock_boot: [{ unit: lock.unit, boot: event.boot, contiguous: event.seq }],
    lock_board: [{ unit: lock.unit, state: after.state, heard_at: after.heardAt }],
    ...(standing !== undefined && {
      command_state: [
        {
          id: after.command,
          unit: lock.unit,
          state: standing.state,
          detail: standing.detail,
          settled: isSettled(standing.state),
        },
      ],
    }),
    ...(event.kind === "holds" && {
      deny_proof: [
        { unit: lock.unit, version: event.deny.version, digest: event.deny.digest, proven_at: after.heardAt },
      ],
    }),
  };
}

/** Standings that a refusal can still settle; a command that was accepted is past refusing. */
const OPEN_TO_REFUSAL: ReadonlySet<CommandState> = new Set(["authorised", "sent", "unknown"]);

/** A copy of an obeyed command, and a command that waits for its challenge, say nothing final about the command. */
const NOT_FINAL: ReadonlySet<string> = new Set(["REPEATED", "CLOCK_UNTRUSTED"]);

/** What a lock's summary of refusals says of single commands: an entry each, once. */
function verdictsOf(lock: RegisteredLock, event: EventMessage, occurredAt: number) {
  if (event.kind !== "refused") return [];
  return event.commands
    .filter((command) => isUuid(command.id) && !NOT_FINAL.has(command.reason))
    .map(({ id, reason }) => {
      const subject = {
        entryId: derivedId("refused", id),
        occurredAt,
        tenant: lock.tenant,
        lock: lock.lock,
        unit: lock.unit,
        door: lock.door,
        command: id,
      };
      const expired = reason === "EXPIRED";
      const entry: NewEntry = expired
        ? newEntry("command.expired", { ...subject, data: {} })
        : newEntry("command.rejected", { ...subject, data: { reason } });
      const state = { id, unit: lock.unit, state: expired ? "expired" : "rejected", detail: reason, settled: true };
      return { command: id, entries: [entry] as const, rows: { command_state: [state] }, haste: "urgent" as const };
    });
}
