import { migrate } from "@portner/drizzle/migrate";
import type { Command } from "commander";
import { explained } from "../operator.ts";
import { databaseUrlOf, readSettingsBesideDemo } from "../settings.ts";
import { print } from "./option.ts";

/** Adds `migrate`: brings the database forward to this version. */
export function addMigrateCommand(program: Command): void {
  program
    .command("migrate")
    .description("bring the database forward to this version; safe while hubs run, and to run twice")
    .action(async () => {
      const config = await readSettingsBesideDemo();
      try {
        await migrate(databaseUrlOf(config));
      } catch (error) {
        throw explained(error);
      }
      print("the database is at this version\n");
    });
}
