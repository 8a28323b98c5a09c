import type { Command } from "commander";
import { SERVE_NEEDS } from "../kernel/config.ts";

/** A command: what `--help` says of it, and where the rest of it stands. */
export interface CatalogueEntry {
  readonly name: string;
  readonly description: string;
  /** Loads the command with all it stands on, which takes a second; only the one that is asked for is loaded. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** Every command, the most used first. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: "demo",
    description:
      "run a whole town on this machine: Postgres, broker, hub, 1,200 simulated locks and carers; Ctrl-C stops it, " +
      "the next start goes on where it was. DATABASE_URL and MQTT_URL put parts of your own in",
    load: async () => (await import("./commands/demo.ts")).defineDemo,
  },
  {
    name: "serve",
    description:
      `run a hub on your own Postgres and broker until SIGTERM; needs ${SERVE_NEEDS.join(", ")}. ` +
      "While a part is away it waits, and /readyz says so",
    load: async () => (await import("./commands/serve.ts")).defineServe,
  },
  {
    name: "init",
    description: "make a new tenant and its first central administrator, whose random password is printed once",
    load: async () => (await import("./commands/init.ts")).defineInit,
  },
  {
    name: "import",
    description: "take a town in from a world file, whole or not at all; hubs that run follow at once",
    load: async () => (await import("./commands/import.ts")).defineImport,
  },
  {
    name: "account",
    description: "individuals' accounts",
    load: async () => (await import("./commands/account.ts")).defineAccount,
  },
  {
    name: "employee",
    description: "employees, where the care system does not say it",
    load: async () => (await import("./commands/employee.ts")).defineEmployee,
  },
  {
    name: "token",
    description: "tokens of integrators",
    load: async () => (await import("./commands/token.ts")).defineToken,
  },
  {
    name: "migrate",
    description: "bring the database forward to this version; safe while hubs run, and to run twice",
    load: async () => (await import("./commands/migrate.ts")).defineMigrate,
  },
  {
    name: "check",
    description: "look at everything a hub stands on; says what is wrong and what to do, and then exits with 1",
    load: async () => (await import("./commands/check.ts")).defineCheck,
  },
  {
    name: "broker",
    description: "run the embedded broker on this machine for hubs that run on it; bigger places take Mosquitto",
    load: async () => (await import("./commands/broker.ts")).defineBroker,
  },
  {
    name: "broker-config",
    description: "write Mosquitto's files from the database, everything denied that is not listed",
    load: async () => (await import("./commands/broker-config.ts")).defineBrokerConfig,
  },
  {
    name: "reset",
    description: "remove the demo: its database, keys, locks and phones. External parts stay as they are",
    load: async () => (await import("./commands/reset.ts")).defineReset,
  },
];
