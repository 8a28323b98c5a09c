import { POSTGRES_MAJOR } from "@portner/drizzle/migrate";
import { PARTITIONS_AHEAD, readAfter } from "../../journal/index.ts";
import { PARTITION_ENTRIES } from "../../journal/partitions.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Config } from "../../kernel/config.ts";
import { openDatabase, type Database } from "../../kernel/database.ts";
import { CLOCK_OFFSET_MS_MAX } from "../../kernel/hub-clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import type { Random } from "../../kernel/random.ts";
import { createSealing } from "../../kernel/sealing.ts";
import { allTenants, openTenantKey, tenantKeys } from "../../people/index.ts";
import { explained } from "../database-failure.ts";
import type { Finding } from "./finding.ts";

/** Settings without which a committed entry may be lost. */
const DURABILITY = ["fsync", "synchronous_commit", "full_page_writes"] as const;

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
}

/** Looks at the database: release, durability, tables, partitions, time, and whether our key opens its keys. */
export async function checkDatabase(config: Config, deps: Deps): Promise<readonly Finding[]> {
  if (config.DATABASE_URL === undefined) {
    const remedy = "set it, or start the demo";
    return [{ what: "database", ok: false, detail: "DATABASE_URL is not set", remedy }];
  }
  const database = openDatabase(config.DATABASE_URL);
  const found: Finding[] = [];
  try {
    found.push(await release(database));
    found.push(await durability(database));
    found.push(await partitions(database));
    found.push(await time(database, deps.clock));
    found.push(await keys(database, config, deps.random));
  } catch (error) {
    const named = explained(error);
    const detail = named instanceof PortnerError ? named.message : String(named);
    found.push({ what: "database", ok: false, detail, remedy: "look at DATABASE_URL and the server's log" });
  } finally {
    await database.close();
  }
  return found;
}

async function release({ raw }: Database): Promise<Finding> {
  const [row] = await raw<{ version: string }[]>`SELECT current_setting('server_version') AS version`;
  const version = row?.version ?? "unknown";
  const major = Number.parseInt(version, 10);
  const ok = major >= POSTGRES_MAJOR.min && major <= POSTGRES_MAJOR.max;
  const remedy = `Portner is made for PostgreSQL ${POSTGRES_MAJOR.min} to ${POSTGRES_MAJOR.max}`;
  return { what: "database", ok, detail: `PostgreSQL ${version}`, remedy };
}

async function durability({ raw }: Database): Promise<Finding> {
  const rows = await raw<{ name: string; setting: string }[]>`
    SELECT name, setting FROM pg_settings WHERE name IN ${raw([...DURABILITY])}`;
  const off = rows.filter(({ setting }) => setting === "off" || setting === "local").map(({ name }) => name);
  const detail = off.length === 0 ? `${DURABILITY.join(", ")} are on` : `${off.join(", ")} off`;
  const remedy = "switch on in postgresql.conf: an opening that was allowed must not be forgotten";
  return { what: "durability", ok: off.length === 0, detail, remedy };
}

async function partitions({ raw }: Database): Promise<Finding> {
  const [row] = await raw<{ ready: number }[]>`SELECT journal_ready(${PARTITION_ENTRIES}) AS ready`;
  const ready = row?.ready ?? 0;
  const remedy = "a hub makes them while it runs; see its log";
  return { what: "journal", ok: ready >= PARTITIONS_AHEAD, detail: `${ready} partitions stand ready`, remedy };
}

async function time({ raw }: Database, clock: Clock): Promise<Finding> {
  await readAfter(raw, 0, 0);
  const before = clock.now();
  const { databaseTime } = await readAfter(raw, 0, 0);
  const offsetMs = Math.round((before + clock.now()) / 2 - databaseTime);
  const ok = Math.abs(offsetMs) <= CLOCK_OFFSET_MS_MAX;
  return { what: "clock", ok, detail: `${offsetMs} ms from the database's`, remedy: "keep both by NTP" };
}

async function keys({ tables }: Database, config: Config, random: Random): Promise<Finding> {
  const what = "keys";
  const tenants = await allTenants(tables);
  if (tenants.length === 0) return { what, ok: false, detail: "there is no tenant", remedy: "run `portner init`" };
  if (config.PORTNER_KEY === undefined) {
    return { what, ok: false, detail: "PORTNER_KEY is not set", remedy: "set the key that the tenants were made with" };
  }
  const sealing = createSealing(Buffer.from(config.PORTNER_KEY, "base64url"), random);
  for (const tenant of tenants) {
    try {
      for (const key of await tenantKeys(tables, tenant.id)) openTenantKey(sealing, key);
    } catch (error) {
      if (!(error instanceof PortnerError) || error.code !== "SEAL_BROKEN") throw error;
      const remedy = "set the key that the tenants were made with; without it their locks can't be commanded";
      return { what, ok: false, detail: `PORTNER_KEY does not open those of \`${tenant.publicId}\``, remedy };
    }
  }
  const demo = tenants.some((tenant) => tenant.demo) ? ", one made by the demo" : "";
  return {
    what,
    ok: true,
    detail: `PORTNER_KEY opens those of ${tenants.length === 1 ? "one tenant" : `${tenants.length} tenants`}${demo}`,
  };
}
