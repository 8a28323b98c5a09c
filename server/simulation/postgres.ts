import { mkdtemp, readdir, stat } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { inject } from "vitest";
import type { TestProject } from "vitest/node";
import { eraseEmbeddedPostgres, startEmbeddedPostgres } from "../boot/embedded-postgres.ts";
import type { PostgresBinaries } from "../boot/postgres-binaries.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { silentLog, type Log } from "../kernel/log.ts";

/** Where Debian keeps its Postgres releases, one folder each. */
const DEBIAN_RELEASES = "/usr/lib/postgresql";

/** Many test files at once, each with a pool or two and a LISTEN of its own. */
const TEST_CONNECTIONS_MAX = 400;

const FOLDER_PREFIX = "portner-test-postgres-";
/** A younger folder may belong to a run that is about to claim it. */
const ABANDONED_AFTER_MS = 10 * 60_000;

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the run's Postgres as superuser. */
    postgresUrl: string;
  }
}

/** A server that lasts as long as a test run. */
export interface TestPostgres {
  /** Address as superuser. */
  readonly url: string;
  /** Ends it and removes its data. A server that was there before is left as it is. */
  stop(): Promise<void>;
}

/** An empty database of one test. */
export interface TestDatabase {
  readonly url: string;
  /** Removes it, ending connections that are still open. Dropping twice is harmless. */
  drop(): Promise<void>;
}

/**
 * Starts the Postgres that tests run on. `choice` is `embedded` (from npm), `debian` (Debian's own programs) or the
 * address of a server that is already there, as superuser. Fails by name when the chosen one is missing.
 */
export async function startTestPostgres(
  choice = process.env.PORTNER_TEST_POSTGRES ?? "embedded",
): Promise<TestPostgres> {
  if (/^postgres(ql)?:\/\//.test(choice)) return { url: choice, stop: () => Promise.resolve() };
  const binaries = await binariesFor(choice);
  const deps = { clock: systemClock, log: silentLog };
  await sweepAbandoned(deps);
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  const server = await startEmbeddedPostgres({
    folder,
    settings: { max_connections: String(TEST_CONNECTIONS_MAX) },
    ...binaries,
    ...deps,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await eraseEmbeddedPostgres(folder, deps);
  };
  return { url: server.url, stop };
}

// A run that was killed leaves its server and data; the next run on the machine ends and removes them.
async function sweepAbandoned(deps: { clock: Clock; log: Log }): Promise<void> {
  const names = await readdir(tmpdir());
  for (const name of names.filter((each) => each.startsWith(FOLDER_PREFIX))) {
    const folder = join(tmpdir(), name);
    const changedAt = await stat(folder).then(
      (found) => found.mtimeMs,
      () => Infinity,
    );
    if (deps.clock.now() - changedAt < ABANDONED_AFTER_MS) continue;
    // A folder that another run or another user holds is theirs to remove.
    await eraseEmbeddedPostgres(folder, deps).catch(() => undefined);
  }
}

async function binariesFor(choice: string): Promise<{ binaries?: PostgresBinaries }> {
  if (choice === "embedded") return {};
  if (choice === "debian") return { binaries: await debianBinaries() };
  const known = "`embedded`, `debian` or an address";
  throw new PortnerError("TEST_POSTGRES_UNKNOWN", `PORTNER_TEST_POSTGRES is ${known}, not \`${choice}\``);
}

async function debianBinaries(): Promise<PostgresBinaries> {
  const releases = (await readdir(DEBIAN_RELEASES).catch(() => [])).map(Number).toSorted((a, b) => b - a);
  const newest = releases[0];
  if (newest === undefined) {
    throw new PortnerError("TEST_POSTGRES_MISSING", "Debian's Postgres is not installed: apt-get install postgresql");
  }
  const root = join(DEBIAN_RELEASES, String(newest));
  return { root, bin: "bin", release: `debian-${newest}`, localeArguments: ["--locale=C.UTF-8"] };
}

/** For vitest's `globalSetup`: one server for the whole run, whatever the number of test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestPostgres();
  project.provide("postgresUrl", server.url);
  return server.stop;
}

/** An empty database with a name of its own. `adminUrl` is needed only outside vitest. */
export async function freshDatabase(adminUrl = inject("postgresUrl")): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await runAsAdmin(adminUrl, `create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runAsAdmin(adminUrl, `drop database if exists ${name} with (force)`) };
}

async function runAsAdmin(adminUrl: string, statement: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
