import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "@portner/drizzle/migrate";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyFolder } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { expect, test } from "vitest";
import { z } from "zod";
import { freshDatabase } from "./postgres.ts";

const FOLDER = fileURLToPath(new URL("../../drizzle/migrations", import.meta.url));
/** Migrations before facts were kept by unit. */
const BEFORE = 4;

const JournalFile = z.looseObject({ entries: z.array(z.looseObject({ idx: z.int() })) });

/** A folder with the first migrations only, as an earlier release had it. */
async function earlierFolder(count: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "portner-test-migrations-"));
  await cp(FOLDER, folder, { recursive: true });
  const file = join(folder, "meta", "_journal.json");
  const { entries, ...rest } = JournalFile.parse(JSON.parse(await readFile(file, "utf8")));
  await writeFile(file, JSON.stringify({ ...rest, entries: entries.slice(0, count) }));
  return folder;
}

test("rows that were kept by lock go to its only unit; where there were two units nobody inherits them", async () => {
  const fresh = await freshDatabase();
  const folder = await earlierFolder(BEFORE);
  const sql = postgres(fresh.url, { max: 1, onnotice: () => undefined });
  try {
    await applyFolder(drizzle({ client: sql }), { migrationsFolder: folder });
    await sql`SET session_replication_role = replica`;
    await sql`
      INSERT INTO lock_unit (id, public_id, tenant, lock, claim_digest, public_key, broker_secret_digest, model, firmware, decommissioned_at) OVERRIDING SYSTEM VALUE
      VALUES (11, gen_random_uuid(), 1, 1, 'c', '\\x01', '', 'M', '1', NULL),
        (21, gen_random_uuid(), 1, 2, 'c', '\\x02', '', 'M', '1', now()),
        (22, gen_random_uuid(), 1, 2, 'd', '\\x03', '', 'M', '1', NULL)`;
    await sql`INSERT INTO lock_board (lock, sequence, state) VALUES (1, 7, '{}'), (2, 8, '{}')`;
    await sql`INSERT INTO deny_proof (lock, version, digest, proven_at) VALUES (1, 5, 'x', now()), (2, 6, 'y', now())`;
    await migrate(fresh.url);
    expect(await sql`SELECT unit, sequence::integer FROM lock_board`).toEqual([{ unit: 11, sequence: 7 }]);
    expect(await sql`SELECT unit, version::integer FROM deny_proof`).toEqual([{ unit: 11, version: 5 }]);
  } finally {
    await sql.end();
    await rm(folder, { recursive: true, force: true });
    await fresh.drop();
  }
});
