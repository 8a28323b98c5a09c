import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import type { Config } from "../kernel/config.ts";

/** Folder of this checkout. */
export const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** Version of this program. */
export const VERSION: string = manifest.version;

/** Absolute folder of the embedded parts and the demo; a relative setting counts from the checkout, not from wherever. */
export function homeOf(config: Pick<Config, "PORTNER_HOME">): string {
  return resolve(CHECKOUT, config.PORTNER_HOME);
}
