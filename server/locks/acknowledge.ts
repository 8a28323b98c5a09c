import type { Clock } from "../kernel/clock.ts";
import type { Publisher } from "../mqtt/index.ts";
import type { Signer } from "./signer.ts";
import type { RegisteredLock } from "./registry.ts";

/** One acknowledgement a lock in this time: a radio that wakes up costs more than a message is worth. */
const ACK_INTERVAL_MS = 200;

/** Tells locks what of their events is committed: cumulative, signed, at most one a lock each 200 ms. */
export class Acknowledger {
  readonly #deps: { readonly publisher: Publisher; readonly signer: Signer; readonly clock: Clock };
  readonly #pending = new Map<number, { lock: RegisteredLock; boot: number; sequence: number }>();

  constructor(deps: { readonly publisher: Publisher; readonly signer: Signer; readonly clock: Clock }) {
    this.#deps = deps;
  }

  /** Asks for an acknowledgement; later ones within the interval replace earlier ones. */
  request(lock: RegisteredLock, committed: { readonly boot: number; readonly sequence: number }): void {
    if (committed.boot === 0) return;
    const waiting = this.#pending.has(lock.lock);
    this.#pending.set(lock.lock, { lock, ...committed });
    if (!waiting) this.#deps.clock.after(ACK_INTERVAL_MS, () => void this.#send(lock.lock));
  }

  async #send(key: number): Promise<void> {
    const waiting = this.#pending.get(key);
    this.#pending.delete(key);
    if (waiting === undefined) return;
    const { lock, boot, sequence } = waiting;
    const iat = this.#deps.clock.now();
    const message = { v: 1 as const, tenant: lock.tenantId, unit: lock.unitId, boot, seq: sequence, iat };
    const payload = this.#deps.signer.sign(lock.tenant, "ack", message);
    await this.#deps.publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel: "ack", payload });
  }
}
