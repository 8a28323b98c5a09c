import type { Clock } from "../kernel/clock.ts";
import { TokenBucket, type Rate } from "../kernel/token-bucket.ts";
import type { LockMessage } from "../mqtt/index.ts";
import type { LockRegistry, RegisteredLock } from "./registry.ts";

/**
 * Questions that a sound lock can have alive at once: it keeps four challenges each for shown credentials and for
 * commands, and one for the time, ten seconds each. More than these are never waited for.
 */
export const ASKS_IN_FLIGHT_MAX = 9;

/**
 * Questions of one lock. Somebody who tries phone after phone is answered thirty times at any speed; what is not
 * answered holds a challenge for ten seconds, so a sound lock then asks less often than once a second.
 */
export const ASK_RATE: Rate = { perSecond: 1, burst: 30 };

/** A lock in quarantine opens for nobody; a few refusals tell whoever asks why, a journal full of them tells no more. */
export const QUARANTINED_ASK_RATE: Rate = { perSecond: 1 / 60, burst: 5 };

/**
 * Events of one lock. A ring is sent window by window: sixteen for each acknowledgement, of which there are five a
 * second, and sixteen again where one was lost. What is dropped the lock keeps, and sends again.
 */
export const EVENT_RATE: Rate = { perSecond: 128, burst: 256 };

/** Heartbeats come once a second at the most, and one more with each connection. */
export const TELEMETRY_RATE: Rate = { perSecond: 2, burst: 30 };

/** What a lock's messages are counted by when they are dropped: the channel and which limit they exceeded. */
export type UplinkExcess = "ask:rate" | "ask:in_flight" | "evt:rate" | "tel:rate";

type Channel = "ask" | "evt" | "tel";
type Handler = (message: LockMessage) => Promise<void> | undefined;

/** What limiting works with. */
export interface UplinkDeps {
  readonly clock: Clock;
  readonly registry: LockRegistry;
  /** Told of each question that was dropped; it finds out whether the lock is mad. */
  readonly onExcess: (lock: RegisteredLock, message: LockMessage) => Promise<void>;
}

interface Meter {
  readonly ask: TokenBucket;
  readonly quarantinedAsk: TokenBucket;
  readonly evt: TokenBucket;
  readonly tel: TokenBucket;
  asksInFlight: number;
}

/**
 * Lets no lock send more than a sound one could, so that a mad one can't take what all share. What is beyond is dropped
 * before its signature is looked at, and counted. One meter a lock in service that was heard lately.
 */
export class UplinkLimits {
  readonly #deps: UplinkDeps;
  readonly #meters = new Map<number, Meter>();
  readonly #counts = new Map<UplinkExcess, number>();

  constructor(deps: UplinkDeps) {
    this.#deps = deps;
  }

  /** How many messages were dropped since the start. */
  counts(): ReadonlyMap<UplinkExcess, number> {
    return this.#counts;
  }

  /** Locks whose meter is kept. */
  get metered(): number {
    return this.#meters.size;
  }

  /** A handler of this channel that takes only what its lock may send. Who is no lock is for the handler to count. */
  limited(channel: Channel, handle: Handler): Handler {
    return (message) => {
      const lock = this.#deps.registry.byId(message.lock);
      if (lock === undefined || lock.tenantId !== message.tenant) return handle(message);
      const meter = this.#meterOf(lock);
      const excess = this.#excessOf(channel, lock, meter);
      if (excess !== undefined) return this.#drop(excess, { lock, message });
      return channel === "ask" ? inFlight(meter, () => handle(message)) : handle(message);
    };
  }

  /** Forgets the meters of locks that have rested; what they hold is what a new one begins with. */
  forgetRested(): void {
    const now = this.#deps.clock.monotonic();
    for (const [lock, { ask, quarantinedAsk, evt, tel, asksInFlight }] of this.#meters) {
      const rested = [ask, quarantinedAsk, evt, tel].every((bucket) => bucket.fullness(now) >= 1);
      if (rested && asksInFlight === 0) this.#meters.delete(lock);
    }
  }

  #excessOf(channel: Channel, lock: RegisteredLock, meter: Meter): UplinkExcess | undefined {
    const bucket = channel === "ask" && lock.quarantinedAt !== null ? meter.quarantinedAsk : meter[channel];
    if (!bucket.take(this.#deps.clock.monotonic())) return `${channel}:rate`;
    return channel === "ask" && meter.asksInFlight >= ASKS_IN_FLIGHT_MAX ? "ask:in_flight" : undefined;
  }

  #drop(
    excess: UplinkExcess,
    { lock, message }: { readonly lock: RegisteredLock; readonly message: LockMessage },
  ): Promise<void> | undefined {
    this.#counts.set(excess, (this.#counts.get(excess) ?? 0) + 1);
    return message.channel === "ask" ? this.#deps.onExcess(lock, message) : undefined;
  }

  #meterOf({ lock }: RegisteredLock): Meter {
    const held = this.#meters.get(lock);
    if (held !== undefined) return held;
    const now = this.#deps.clock.monotonic();
    const bucket = (rate: Rate): TokenBucket => new TokenBucket(rate, now);
    const [ask, quarantinedAsk, evt] = [bucket(ASK_RATE), bucket(QUARANTINED_ASK_RATE), bucket(EVENT_RATE)];
    const made = { ask, quarantinedAsk, evt, tel: bucket(TELEMETRY_RATE), asksInFlight: 0 };
    this.#meters.set(lock, made);
    return made;
  }
}

async function inFlight(meter: Meter, work: () => Promise<void> | undefined): Promise<void> {
  meter.asksInFlight += 1;
  try {
    await work();
  } finally {
    meter.asksInFlight -= 1;
  }
}
