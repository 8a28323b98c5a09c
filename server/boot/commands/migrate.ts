import { migrate } from "@portner/drizzle/migrate";
import type { Command } from "commander";
import { explained } from "../database-failure.ts";
import { databaseUrlOf, readSettingsBesideDemo } from "../settings.ts";
import { print } from "./option.ts";

/** Defines `migrate`: brings the database forward to this version. */
export function defineMigrate(command: Command): void {
  command.action(async () => {
    const config = await readSettingsBesideDemo();
    try {
      await migrate(databaseUrlOf(config));
    } catch (error) {
      throw explained(error);
    }
    print("the database is at this version\n");
  });
}
