import { migrate } from "@portner/drizzle/migrate";
import { openDatabase, type Database } from "../kernel/database.ts";
import { preparePartitions } from "../journal/index.ts";
import { freshDatabase } from "./postgres.ts";

/** A migrated database of one test, with the hub's connections to it. */
export interface MigratedDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes the connections and removes the database. */
  drop(): Promise<void>;
}

/** A database as a hub finds it after its start: migrated, partitions made ahead. */
export async function migratedDatabase(): Promise<MigratedDatabase> {
  const fresh = await freshDatabase();
  await migrate(fresh.url);
  const database = openDatabase(fresh.url);
  await preparePartitions(database.raw);
  return {
    url: fresh.url,
    database,
    drop: async () => {
      await database.close();
      await fresh.drop();
    },
  };
}
