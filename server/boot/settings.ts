import { readConfig, type Config, type ConfigFault, type Demands } from "../kernel/config.ts";
import { PortnerError } from "../kernel/errors.ts";
import { homeOf } from "./checkout.ts";
import { readRunningDemo } from "./running-demo.ts";

/** Thrown with every fault of the configuration at once. Quotes no value: it may be a secret. */
export class FaultyConfigError extends PortnerError {
  override readonly name = "FaultyConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super("CONFIG_FAULTY", `the configuration has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}`);
    this.faults = faults;
  }
}

/** The settings of this process's environment. Throws FaultyConfigError for every demand that they don't meet. */
export function readSettings(demands: Demands = {}): Config {
  const read = readConfig(undefined, demands);
  if (!read.ok) throw new FaultyConfigError(read.faults);
  return read.config;
}

/** The settings, with the parts of a demo that runs on this machine where the environment names no others. */
export async function readSettingsBesideDemo(): Promise<Config> {
  const config = readSettings();
  if (config.DATABASE_URL !== undefined) return config;
  return { ...(await readRunningDemo(homeOf(config))), ...config };
}

/** The database's address. Throws FaultyConfigError when there is none. */
export function databaseUrlOf(config: Config): string {
  if (config.DATABASE_URL !== undefined) return config.DATABASE_URL;
  throw new FaultyConfigError([{ variable: "DATABASE_URL", fault: "is required while no demo runs here" }]);
}

/** The hub's own key, 32 bytes. Throws FaultyConfigError when there is none. */
export function sealingKeyOf(config: Config): Uint8Array {
  if (config.PORTNER_KEY !== undefined) return Buffer.from(config.PORTNER_KEY, "base64url");
  throw new FaultyConfigError([
    { variable: "PORTNER_KEY", fault: "is required; make one with `openssl rand -base64 32 | tr '+/' '-_' | tr -d =`" },
  ]);
}
