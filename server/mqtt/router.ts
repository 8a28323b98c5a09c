import { DENY_BYTES_MAX, LOCK_CHANNELS, MESSAGE_BYTES_MAX, parseTopic } from "@portner/schema/mqtt";
import type { LockChannel, Topic } from "@portner/schema/mqtt";
import type { Log } from "../kernel/log.ts";
import type { RawMessage } from "./link.ts";

/**
 * Messages in work at once: a second of a fleet's events while the journal commits. At 4 KiB each it bounds what a
 * flood can make a hub hold; what is beyond is dropped, and locks send their events again.
 */
const IN_FLIGHT_MAX = 4_096;

/** Telemetry may fill half of it: it is refreshed by the next heartbeat, so events go first. */
const TELEMETRY_SHARE = 0.5;

type Received = { readonly payload: Uint8Array; readonly retained: boolean; readonly duplicate: boolean };

/** A message of one lock's channel, not yet decoded. `duplicate` is the broker's hint, not a proof. */
export type LockMessage = Extract<Topic, { lock: string }> & Received;

/** A tenant's deny document as the broker gives it back. */
export type DenyMessage = Extract<Topic, { channel: "deny" }> & Received;

/** Why a message was not handed on; closed list, used as a label of counters. */
export type DropReason = "unknown_topic" | "oversized" | "retained" | "unhandled" | "overloaded";

/** Counters since the start. `failed` counts handlers that threw or rejected. */
export type RouterCounts = {
  readonly handed: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
};

type Handler = () => void | Promise<void>;

const FROM_LOCKS: ReadonlySet<string> = new Set(LOCK_CHANNELS);

/** Brings each message from the broker to the handlers of its channel, and never throws. */
export class Router {
  readonly #log: Log;
  readonly #inFlightMax: number;
  readonly #lockHandlers = new Map<LockChannel, ((message: LockMessage) => void | Promise<void>)[]>();
  readonly #denyHandlers: ((message: DenyMessage) => void | Promise<void>)[] = [];
  readonly #dropped = { unknown_topic: 0, oversized: 0, retained: 0, unhandled: 0, overloaded: 0 };
  #handed = 0;
  #failed = 0;
  #inFlight = 0;

  /** `inFlightMax`: promises of handlers that may be unsettled at once. */
  constructor(deps: { readonly log: Log; readonly inFlightMax?: number }) {
    this.#log = deps.log;
    this.#inFlightMax = deps.inFlightMax ?? IN_FLIGHT_MAX;
  }

  /** Adds a handler for what locks say, or for the `cfg` documents that the broker gives back. */
  onLock(channel: "evt" | "tel" | "ask" | "gone" | "cfg", handler: (message: LockMessage) => void | Promise<void>) {
    const handlers = this.#lockHandlers.get(channel) ?? [];
    this.#lockHandlers.set(channel, [...handlers, handler]);
  }

  /** Adds a handler for the deny documents that the broker gives back. */
  onDeny(handler: (message: DenyMessage) => void | Promise<void>): void {
    this.#denyHandlers.push(handler);
  }

  /** Takes one message from the connection. */
  receive({ topic: text, payload, retained, duplicate }: RawMessage): void {
    const topic = parseTopic(text);
    if (topic === undefined) return this.#drop("unknown_topic");
    if (payload.byteLength > (topic.channel === "deny" ? DENY_BYTES_MAX : MESSAGE_BYTES_MAX)) {
      return this.#drop("oversized");
    }
    // Locks retain nothing; where a broker can't forbid it, an old word of a lock must not pass for a new one.
    if (retained && FROM_LOCKS.has(topic.channel)) return this.#drop("retained");
    const handlers = this.#handlersOf(topic, { payload, retained, duplicate });
    if (handlers.length === 0) return this.#drop("unhandled");
    const inFlightMax = this.#inFlightMax * (topic.channel === "tel" ? TELEMETRY_SHARE : 1);
    if (this.#inFlight + handlers.length > inFlightMax) return this.#drop("overloaded");
    this.#handed += 1;
    for (const handler of handlers) this.#run(topic, handler);
  }

  counts(): RouterCounts {
    return { handed: this.#handed, failed: this.#failed, inFlight: this.#inFlight, dropped: { ...this.#dropped } };
  }

  #handlersOf(topic: Topic, received: Received): Handler[] {
    if (topic.channel === "deny") {
      return this.#denyHandlers.map((handler) => () => handler({ ...topic, ...received }));
    }
    const handlers = this.#lockHandlers.get(topic.channel) ?? [];
    return handlers.map((handler) => () => handler({ ...topic, ...received }));
  }

  #drop(reason: DropReason): void {
    this.#dropped[reason] += 1;
  }

  #run(topic: Topic, handler: Handler): void {
    try {
      const work = handler();
      if (work === undefined) return;
      this.#inFlight += 1;
      void work
        .catch((cause: unknown) => this.#fail(topic, cause))
        .finally(() => {
          this.#inFlight -= 1;
        });
    } catch (cause) {
      this.#fail(topic, cause);
    }
  }

  #fail({ tenant, channel }: Topic, cause: unknown): void {
    this.#failed += 1;
    this.#log.error({ tenant, channel, error: String(cause) }, "a message handler failed");
  }
}
