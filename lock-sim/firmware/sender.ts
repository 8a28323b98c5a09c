import type { KeyObject } from "node:crypto";
import { EVENT_WINDOW, EventMessage, RESEND_MS_MAX, RESEND_MS_MIN } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";
import type { Counters } from "../ground/counters.ts";
import type { Flash } from "./flash.ts";
import { signMessage } from "./keys.ts";
import type { Radio } from "./radio.ts";
import type { RingEntry } from "./ring.ts";

/** An ack that tells nothing new asks for a resend, but not while the last sending may still be under way. */
const RESEND_ON_REQUEST_MS = 1_000;

interface Deps {
  readonly clock: Clock;
  readonly flash: Flash;
  readonly radio: Radio;
  readonly counters: Counters;
  readonly unit: string;
  readonly secretKey: KeyObject;
}

interface Place {
  readonly boot: number;
  readonly seq: number;
}

const NOWHERE: Place = { boot: 0, seq: 0 };

function isAfter(a: Place, b: Place): boolean {
  return a.boot > b.boot || (a.boot === b.boot && a.seq > b.seq);
}

/** Sends the ring: what is safe on flash, oldest first, a window at a time, again and again until it is acknowledged. */
export class Sender {
  readonly #deps: Deps;
  #connected = false;
  /** Last event of this boot that is safe on flash. */
  #durable = 0;
  /** Last entry sent on this connection. */
  #sent = NOWHERE;
  /** Last number of this boot ever sent; an ack beyond it is no ack of ours. */
  #everSent = 0;
  #sentAt = 0;
  #backoffMs = RESEND_MS_MIN;
  #cancel: (() => void) | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** An event of this boot is safe on flash: it may be sent. */
  durable(seq: number): void {
    this.#durable = Math.max(this.#durable, seq);
    this.#pump();
  }

  connected(): void {
    this.#connected = true;
    this.resendAll();
  }

  disconnected(): void {
    this.#connected = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Sends everything in the window again, now. */
  resendAll(): void {
    this.#sent = NOWHERE;
    this.#backoffMs = RESEND_MS_MIN;
    this.#pump();
  }

  /** Takes a verified ack. One for a number never sent is counted and ignored. */
  acknowledge(boot: number, seq: number): void {
    const { flash, counters, clock } = this.#deps;
    const last = boot === flash.boot ? this.#everSent : flash.ring.lastOf(boot);
    if (boot > flash.boot || (last !== undefined && seq > last)) return counters.add("ACK_BEYOND");
    if (flash.ring.acknowledge(boot, seq)) {
      flash.note({ t: "ack", boot, seq });
      this.#backoffMs = RESEND_MS_MIN;
      this.#pump();
    } else if (!flash.ring.isEmpty && clock.monotonic() - this.#sentAt >= RESEND_ON_REQUEST_MS) {
      this.resendAll();
    }
  }

  #pump(): void {
    if (!this.#connected) return;
    for (const entry of this.#deps.flash.ring.window(EVENT_WINDOW)) {
      if (entry.boot === this.#deps.flash.boot && entry.seq > this.#durable) break;
      if (isAfter(entry, this.#sent) && !this.#send(entry)) break;
    }
    this.#arm();
  }

  #send(entry: RingEntry): boolean {
    const { unit, secretKey, radio, flash, clock } = this.#deps;
    const message = EventMessage.parse(
      "lost" in entry ? { v: 1, unit, kind: "lost", ...entry.lost } : JSON.parse(entry.text),
    );
    if (!radio.publish("evt", signMessage("evt", { kid: unit, key: secretKey }, message))) return false;
    this.#sent = { boot: entry.boot, seq: entry.seq };
    this.#sentAt = clock.monotonic();
    if (entry.boot === flash.boot) this.#everSent = Math.max(this.#everSent, entry.seq);
    return true;
  }

  #arm(): void {
    if (this.#cancel !== undefined || this.#deps.flash.ring.isEmpty) return;
    this.#cancel = this.#deps.clock.after(this.#backoffMs, () => this.#resend());
  }

  #resend(): void {
    this.#cancel = undefined;
    if (this.#deps.flash.ring.isEmpty) return;
    // Something newer went out in the meantime: it deserves its own wait before it is sent twice.
    const quietMs = this.#deps.clock.monotonic() - this.#sentAt;
    if (quietMs >= this.#backoffMs) {
      this.#backoffMs = Math.min(RESEND_MS_MAX, this.#backoffMs * 2);
      this.#sent = NOWHERE;
    }
    this.#pump();
  }
}
