import { Option, type Command } from "commander";
import type { Config } from "../../kernel/config.ts";
import { runDemo } from "../demo/run.ts";
import { readSettings } from "../settings.ts";
import { wholeNumber } from "./option.ts";

/** Doors of Fjordby. */
const LOCKS_DEFAULT = 1_200;
const LOCKS_MAX = 20_000;
/** What an external broker's files and credentials take. */
const WITH_BROKER: readonly (keyof Config)[] = ["MQTT_SECRET", "BROKER_FOLDER"];

/** Defines `demo`: everything on this machine, with a town in it. */
export function defineDemo(command: Command): void {
  command
    .addOption(
      new Option("--locks <number>", "size of a new town").argParser(wholeNumber(1, LOCKS_MAX)).default(LOCKS_DEFAULT),
    )
    .option("--no-pages", "leave the dashboard to `npm run dev`")
    .action(async ({ locks, pages }: { readonly locks: number; readonly pages: boolean }) => {
      const config = readSettings();
      await runDemo(config.MQTT_URL === undefined ? config : readSettings({ needed: WITH_BROKER }), { locks, pages });
    });
}
