import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { eraseEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from "./embedded-postgres.ts";

const deps = { clock: systemClock, log: silentLog };
const isRoot = process.getuid?.() === 0;

let home: string;
let servers: EmbeddedPostgres[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "portner-postgres-"));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder: join(home, "postgres"), ...deps, ...options });
  servers.push(server);
  return server;
}

async function ask(url: string, query: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const rows = await sql.unsafe(query);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await sql.end();
  }
}

function spawnHub(folder: string, body: string): ChildProcessByStdio<null, Readable, null> {
  const module = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
  const script = `const { startEmbeddedPostgres } = await import(${module("embedded-postgres.ts")});
    const { systemClock } = await import(${module("../kernel/clock.ts")});
    const { silentLog } = await import(${module("../kernel/log.ts")});
    const server = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, clock: systemClock, log: silentLog });
    ${body}`;
  const args = ["--input-type=module-typescript", "--eval", script];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

test("a database in a folder that only its owner may enter keeps its rows over a stop and a start", async () => {
  expect((await stat(home)).mode & 0o777).toBe(0o700);
  const first = await start();
  await ask(first.url, "create table doors (name text)");
  await ask(first.url, "insert into doors values ('Æblevej 3')");
  await first.stop();
  const second = await start();
  expect(await ask(second.url, "select name from doors")).toBe("Æblevej 3");
});

test("the server is durable, speaks UTF-8, sorts by code point and listens on loopback only", async () => {
  const { url } = await start();
  for (const setting of ["fsync", "full_page_writes", "synchronous_commit"]) {
    expect([setting, await ask(url, `show ${setting}`)]).toEqual([setting, "on"]);
  }
  expect(await ask(url, "show server_encoding")).toBe("UTF8");
  expect(await ask(url, "select 'Zebra' < 'abe'")).toBe(true);
  expect(await ask(url, "show listen_addresses")).toBe("127.0.0.1");
  expect(await ask(url, "show unix_socket_directories")).toBe("");
});

test("nobody enters without the password, which only the owner may read", async () => {
  const { url } = await start();
  const wrong = new URL(url);
  wrong.password = "guess";
  await expect(ask(wrong.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  expect((await stat(join(home, "postgres", "password"))).mode & 0o777).toBe(0o600);
});

test("a taken port is named in a typed error and frees the folder", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(start({ port })).rejects.toMatchObject({
    code: "PORT_TAKEN",
    message: expect.stringContaining(`${port}`),
  });
  await new Promise((resolve) => other.close(resolve));
  const server = await start({ port });
  expect(server.port).toBe(port);
});

test("two processes can't run on one folder, nor can one erase it under the other", async () => {
  await start();
  await expect(eraseEmbeddedPostgres(join(home, "postgres"), deps)).rejects.toMatchObject({ code: "FOLDER_IN_USE" });
  await expect(start()).rejects.toMatchObject({ code: "FOLDER_IN_USE" });
});

test("after kill -9 of its process a server is stopped by the next start, and nothing committed is lost", async () => {
  const folder = join(home, "postgres");
  const hub = spawnHub(
    folder,
    "console.log(JSON.stringify({ url: server.url, pid: server.pid })); setInterval(() => undefined, 1000);",
  );
  const line = await new Promise<string>((resolve) => hub.stdout.once("data", (chunk: Buffer) => resolve(`${chunk}`)));
  const before: { url: string; pid: number } = JSON.parse(line);
  await ask(before.url, "create table kept as select 42 as answer");
  const gone = new Promise((resolve) => hub.once("exit", resolve));
  hub.kill("SIGKILL");
  await gone;
  expect(await ask(before.url, "select answer from kept")).toBe(42);
  const after = await start();
  expect(after.pid).not.toBe(before.pid);
  expect(await ask(after.url, "select answer from kept")).toBe(42);
  await expect(ask(before.url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a pid file whose number now belongs to another program does not stand in the way", async () => {
  const first = await start();
  await first.stop();
  await writeFile(join(first.data, "postmaster.pid"), `${process.pid}\n${first.data}\n1\n5432\n\n127.0.0.1\n\nready\n`);
  const second = await start();
  expect(await ask(second.url, "select 1")).toBe(1);
});

test("the server's own death is noticed", async () => {
  const server = await start();
  process.kill(server.pid, "SIGKILL");
  await server.exited;
  await server.stop();
  const next = await start();
  expect(await ask(next.url, "select 1")).toBe(1);
});

test.runIf(isRoot)("where user namespaces are off, root's server runs as nobody on a folder it can reach", async () => {
  await chmod(home, 0o755);
  await mkdir(join(home, "postgres"));
  await chmod(join(home, "postgres"), 0o711);
  const first = await start({ user: "nobody" });
  expect((await stat(first.data)).uid).toBe(65_534);
  await ask(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const second = await start();
  expect(await ask(second.url, "select answer from kept")).toBe(42);
  await second.stop();
  const third = await start({ user: "nobody" });
  expect(await ask(third.url, "select answer from kept")).toBe(42);
});

test.runIf(isRoot)("where nobody can't reach the folder, the data stands elsewhere and is found again", async () => {
  // As many keep their root: what it makes is for itself alone unless said otherwise.
  const usual = process.umask(0o077);
  const first = await start({ user: "nobody" });
  process.umask(usual);
  expect(first.data.startsWith(home)).toBe(false);
  await ask(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const second = await start({ user: "nobody" });
  expect(await ask(second.url, "select answer from kept")).toBe(42);
  await second.stop();
  const third = await start();
  expect(third.data).toBe(first.data);
  await third.stop();
  await eraseEmbeddedPostgres(join(home, "postgres"), deps);
  expect([existsSync(first.data), existsSync(join(home, "postgres"))]).toEqual([false, false]);
});

test.runIf(isRoot)("a database that nobody can't reach is refused, never replaced by an empty one", async () => {
  const first = await start();
  await first.stop();
  await expect(start({ user: "nobody" })).rejects.toMatchObject({ code: "POSTGRES_UNREACHABLE" });
});

test.runIf(isRoot)("root finds a way in another user's private folder", async () => {
  await chown(home, 1_000, 1_000);
  const first = await start();
  await ask(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const second = await start();
  expect(await ask(second.url, "select answer from kept")).toBe(42);
  await second.stop();
  await eraseEmbeddedPostgres(join(home, "postgres"), deps);
});

test("a process that has nothing else to do still finishes the stop", async () => {
  const folder = join(home, "postgres");
  const hub = spawnHub(folder, "await server.stop();");
  expect(await new Promise((resolve) => hub.once("exit", resolve))).toBe(0);
  expect(existsSync(join(folder, "owner"))).toBe(false);
});
