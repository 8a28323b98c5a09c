import { EventMessage } from "@portner/schema/mqtt";
import type { Flash } from "./flash.ts";
import type { LockTime } from "./lock-time.ts";
import type { FlashRecord } from "./record.ts";

type Without<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never;

/** What happened, without what every event carries. `lost` is not recorded but sent from the ring. */
export type EventBody = Without<
  Exclude<EventMessage, { kind: "lost" }>,
  "v" | "unit" | "boot" | "seq" | "at" | "clock"
>;

/** Numbers events and puts them on flash. */
export class Recorder {
  readonly #flash: Flash;
  readonly #time: LockTime;
  readonly #unit: string;
  readonly #durable: (seq: number) => void;

  /** `durable` hears of every event that is safe on flash and may be sent, in order. */
  constructor(deps: {
    readonly flash: Flash;
    readonly time: LockTime;
    readonly unit: string;
    readonly durable: (seq: number) => void;
  }) {
    this.#flash = deps.flash;
    this.#time = deps.time;
    this.#unit = deps.unit;
    this.#durable = deps.durable;
  }

  /** Records an event. Resolves when it is safe on flash. */
  record(body: EventBody): Promise<void> {
    return this.recordWithin((event) => ({ t: "event", event }), body);
  }

  /** The first event of a boot; it sets the boot's number. */
  recordBoot(body: Extract<EventBody, { kind: "restarted" }>): Promise<void> {
    const event = this.#number(body, { boot: this.#flash.boot + 1, seq: 1 });
    return this.#commit({ t: "boot", event }, event.seq);
  }

  /** Records an event inside another record, so that neither is on flash without the other. */
  recordWithin(wrap: (event: EventMessage) => FlashRecord, body: EventBody): Promise<void> {
    const event = this.#number(body, { boot: this.#flash.boot, seq: this.#flash.seq + 1 });
    return this.#commit(wrap(event), event.seq);
  }

  async #commit(record: FlashRecord, seq: number): Promise<void> {
    await this.#flash.commit(record);
    this.#durable(seq);
  }

  #number(body: EventBody, number: { readonly boot: number; readonly seq: number }): EventMessage {
    const clock = { trusted: this.#time.isTrusted(), errorMs: this.#time.errorMs() };
    return EventMessage.parse({ v: 1, unit: this.#unit, ...number, at: this.#time.now(), clock, ...body });
  }
}
