import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as apply } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";

/** Advisory lock that serialises starters; the number means nothing but must never change. */
const MIGRATION_LOCK = 7_306_913_404;

/** Oldest and newest major version of Postgres that the suite runs on. */
export const POSTGRES_MAJOR = { min: 15, max: 18 } as const;

const folder = fileURLToPath(new URL("./migrations", import.meta.url));

/**
 * Brings a database forward to this version's tables. Safe to call from many starters at once: one applies, the others
 * wait and find nothing to do. Throws what Postgres throws; a migration that fails leaves the database as it was.
 */
export async function migrate(url: string): Promise<void> {
  const client = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connection: { application_name: "portner migrate" },
  });
  try {
    const [version] = await client<{ number: string }[]>`SELECT current_setting('server_version_num') AS number`;
    // Only 17 and later can bound a whole transaction. Before, limits on statements and idle transactions bound its parts,
    // and the hubs end what neither counts: one that was lost between two messages of a statement.
    const bounds = Number(version?.number) >= 170_000;
    // The limit that an earlier start left on the database is for requests; a migration takes as long as it takes.
    if (bounds) await client`SET transaction_timeout = 0`;
    await client`SELECT pg_advisory_lock(${MIGRATION_LOCK})`;
    await apply(drizzle({ client }), { migrationsFolder: folder });
    if (bounds) {
      await client`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET transaction_timeout = %L', current_database(), '5s'); END $$`;
    }
  } finally {
    await client.end({ timeout: 5 });
  }
}
