import type { Clock } from "../kernel/clock.ts";
import { isUnavailable, sqlState, type Tables } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { refuseAnonymousBroker } from "../mqtt/index.ts";
import { allTenants } from "../people/index.ts";

/** A part that was away is looked at this soon after it came back. */
const AGAIN_MS = 1_000;
/** Postgres's state of a table that is not there: a new database is no demo. */
const NO_TABLE = "42P01";

/** What the refusals look at. */
export interface RefusalDeps {
  readonly tables: Tables;
  readonly brokerUrl: string;
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

type Look = () => Promise<"clear" | "unknown">;

/**
 * What a hub in service refuses to run on: a broker that lets in whoever comes, and a database made by the demo, whose
 * secrets lie about. What can't be known yet, because a part is away, is asked again until it is.
 */
export class Refusals {
  readonly #deps: RefusalDeps;
  #open: readonly Look[];
  #stopped = false;
  #cancel: () => void = () => undefined;

  constructor(deps: RefusalDeps) {
    this.#deps = deps;
    this.#open = [() => this.#lookAtBroker(), () => this.#lookAtDatabase()];
  }

  /** Looks once at everything that is not clear. Throws BROKER_ANONYMOUS or DEMO_DATABASE. */
  async check(): Promise<void> {
    const open: Look[] = [];
    for (const look of this.#open) if ((await look()) === "unknown") open.push(look);
    this.#open = open;
  }

  /** Looks until everything is clear. Rejects when the hub must not go on, and else never settles. */
  untilRefused(): Promise<never> {
    return new Promise((_, reject) => {
      const again = (): void => {
        if (this.#open.length === 0 || this.#stopped) return;
        this.#cancel = this.#deps.clock.after(AGAIN_MS, () => void this.check().then(again, reject));
      };
      again();
    });
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #lookAtBroker(): Promise<"clear" | "unknown"> {
    const { brokerUrl, ca } = this.#deps;
    const knocked = await refuseAnonymousBroker(brokerUrl, ca);
    if (knocked.ok) return knocked.value === "refused" ? "clear" : "unknown";
    const { code } = knocked.failure;
    if (code !== "BROKER_ANONYMOUS") throw new PortnerError(code, "the broker's address in MQTT_URL can't be used");
    throw new PortnerError(
      code,
      "the broker lets in whoever comes; make it ask for credentials (`portner broker-config` writes Mosquitto's files)",
    );
  }

  async #lookAtDatabase(): Promise<"clear" | "unknown"> {
    try {
      const tenants = await allTenants(this.#deps.tables);
      if (!tenants.some(({ demo }) => demo)) return "clear";
    } catch (error) {
      if (sqlState(error) === NO_TABLE) return "clear";
      if (!isUnavailable(error)) throw error;
      this.#deps.log.warn({}, "no database yet");
      return "unknown";
    }
    throw new PortnerError("DEMO_DATABASE", "this database was made by `portner demo`; serve needs one of its own");
  }
}
