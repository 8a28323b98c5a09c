import type { AskMessage } from "@portner/schema/mqtt";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { LockMessage, Publisher } from "../mqtt/index.ts";
import { ageOfAsk, ASK_DECIDED_WITHIN_MS, type UntimelyAsk } from "./ask-age.ts";
import type { Dispatcher } from "./dispatch.ts";
import type { LockFleet } from "./fleet.ts";
import type { MessageQuarantine } from "./message-quarantine.ts";
import type { LockRegistry, RegisteredLock } from "./registry.ts";
import type { Signer } from "./signer.ts";
import { openSigned } from "./verify.ts";

type CredentialAsk = Extract<AskMessage, { kind: "credential" }>;

/**
 * Answers a credential shown at the door; access decides that, before the monotonic time `decideBy` or not at all. What
 * was not answered for that is named.
 */
export type OnCredential = (
  lock: RegisteredLock,
  asked: { readonly ask: CredentialAsk; readonly decideBy: number },
) => Promise<UntimelyAsk | undefined>;

/** What answering works with. */
export interface AskDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: LockRegistry;
  readonly fleet: LockFleet;
  readonly signer: Signer;
  readonly publisher: Publisher;
  readonly dispatcher: Dispatcher;
  readonly quarantine: MessageQuarantine;
  /** Whether this hub's clock may be believed; it tells no lock the time while it may not. */
  readonly clockTrusted: () => boolean;
  readonly onCredential: OnCredential;
}

/** Takes what locks ask: the time is answered here, a challenge goes to its command, a credential to who decides. */
export class AskIntake {
  readonly #deps: AskDeps;

  constructor(deps: AskDeps) {
    this.#deps = deps;
  }

  /** Takes one message of the `ask` channel. */
  async take(message: LockMessage): Promise<void> {
    const { registry, quarantine } = this.#deps;
    const lock = registry.byId(message.lock);
    if (lock === undefined || lock.tenantId !== message.tenant)
      return quarantine.keep(message, "UNKNOWN_LOCK", undefined);
    const decoded = openSigned("ask", message.payload, lock);
    if (typeof decoded === "string") return quarantine.keep(message, decoded, lock);
    if (decoded.message.unit !== lock.unitId) return quarantine.keep(message, "WRONG_UNIT", lock);
    const ask = decoded.message;
    switch (ask.kind) {
      case "time":
        return this.#tellTime(lock, ask.challenge);
      case "command":
        return this.#deps.dispatcher.meetChallenge(lock, ask.challenge);
      case "credential":
        return this.#answer(message, lock, ask);
    }
  }

  async #answer(message: LockMessage, lock: RegisteredLock, ask: CredentialAsk): Promise<void> {
    const { clock, fleet, onCredential, quarantine } = this.#deps;
    const age = ageOfAsk(ask, fleet.clockOf(lock.unit), clock.now());
    const untimely =
      typeof age === "string"
        ? age
        : await onCredential(lock, { ask, decideBy: clock.monotonic() + ASK_DECIDED_WITHIN_MS - age.ageMs });
    if (untimely !== undefined) await quarantine.keep(message, untimely, lock);
  }

  async #tellTime(lock: RegisteredLock, challenge: string): Promise<void> {
    const { clock, signer, publisher, clockTrusted } = this.#deps;
    if (!clockTrusted()) return;
    const answer = {
      v: 1 as const,
      kind: "time" as const,
      tenant: lock.tenantId,
      unit: lock.unitId,
      challenge,
      now: Math.round(clock.now()),
    };
    const payload = signer.sign(lock.tenant, "ans", answer);
    await publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel: "ans", payload });
  }
}
