import type { Clock } from "../kernel/clock.ts";
import type { LockMessage } from "../mqtt/index.ts";
import type { Acknowledger } from "./acknowledge.ts";
import type { LockFleet } from "./fleet.ts";
import type { MessageQuarantine } from "./message-quarantine.ts";
import type { LockRegistry } from "./registry.ts";
import { openMac } from "./verify.ts";

/** What taking telemetry works with. */
export interface TelemetryDeps {
  readonly clock: Clock;
  readonly registry: LockRegistry;
  readonly fleet: LockFleet;
  readonly acknowledger: Pick<Acknowledger, "request">;
  readonly quarantine: MessageQuarantine;
}

/** Takes heartbeats. A lock that made events we have not committed is told how far we are, so that it resends. */
export class TelemetryIntake {
  readonly #deps: TelemetryDeps;

  constructor(deps: TelemetryDeps) {
    this.#deps = deps;
  }

  /** Takes one message of the `tel` channel. */
  take(message: LockMessage): Promise<void> | undefined {
    const { registry, quarantine, fleet, clock, acknowledger } = this.#deps;
    const lock = registry.byId(message.lock);
    if (lock === undefined || lock.tenantId !== message.tenant)
      return quarantine.keep(message, "UNKNOWN_LOCK", undefined);
    const decoded = openMac("tel", message.payload, lock);
    if (typeof decoded === "string") return quarantine.keep(message, decoded, lock);
    const telemetry = decoded.message;
    if (telemetry.unit !== lock.unitId) return quarantine.keep(message, "WRONG_UNIT", lock);
    fleet.takeTelemetry(lock.unit, lock.lock, telemetry, clock.now());
    const { committed } = fleet.sequencerOf(lock.unit, lock.lock);
    if (telemetry.boot === committed.boot && telemetry.seq > committed.sequence) acknowledger.request(lock, committed);
    return undefined;
  }
}
