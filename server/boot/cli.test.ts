import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { newSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { startTestBroker, testCredential, type TestBroker } from "../simulation/broker.ts";
import { pollUntil } from "../simulation/poll.ts";
import { freePort } from "../simulation/ports.ts";
import { runPortner, startPortner } from "../simulation/portner-process.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";

// Each process takes most of a second to load on an idle machine, and several on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const START_MS = 30_000;
const TOWN = generateTown({ seed: 5, locks: 30 });
const HUB = testCredential({ user: "portner-hub" });
const KEY = newSecret(systemRandom);

let database: TestDatabase;
let folder: string;
let broker: TestBroker;
let environment: Record<string, string>;

beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(join(tmpdir(), "portner-cli-"));
  broker = await startTestBroker({ credentials: [HUB] });
  environment = {
    DATABASE_URL: database.url,
    PORTNER_KEY: KEY,
    PORTNER_HOME: join(folder, "home"),
    MQTT_URL: broker.url,
    MQTT_SECRET: HUB.secret,
    BROKER_FOLDER: join(folder, "broker"),
  };
});
afterAll(async () => {
  await broker.stop();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

async function ok(args: readonly string[]) {
  const done = await runPortner(args, environment);
  expect(done).toMatchObject({ code: 0 });
  return done;
}

test("a faulty configuration is told at once, by variable, without a value", async () => {
  const secret = "my-secret@host/portner";
  const faulty = { DATABASE_URL: secret, PORT: "seventy", MQTT_URL: "mqtt://far.example", HOST: "0.0.0.0" };
  const { code, stdout, stderr } = await runPortner(["serve"], faulty);
  expect([code, stdout]).toEqual([1, ""]);
  expect(
    stderr
      .split("\n")
      .slice(1, -1)
      .map((line) => line.trim().split(" ")[0]),
  ).toEqual(["DATABASE_URL", "PORT", "HOST", "MQTT_URL", "MQTT_SECRET", "PORTNER_KEY", "BROKER_FOLDER"]);
  expect(stderr).not.toMatch(/my-secret|seventy|far\.example/);
});

test("help is there for every command, and the version is the package's", async () => {
  const [version, help, unknown] = await Promise.all([
    runPortner(["--version"]),
    runPortner(["--help"]),
    runPortner(["open-sesame"]),
  ]);
  expect(version).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
  const names = [
    "demo",
    "serve",
    "init",
    "import",
    "account",
    "employee",
    "token",
    "migrate",
    "check",
    "broker",
    "broker-config",
    "reset",
  ];
  expect(names.filter((name) => !help.stdout.includes(`  ${name} `))).toEqual([]);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("unknown command")]);
});

test("a database that is away is named in one line", async () => {
  const away = `postgres://nobody:secret@127.0.0.1:${await freePort()}/none`;
  const { code, stderr } = await runPortner(["migrate"], { ...environment, DATABASE_URL: away });
  expect([code, stderr]).toEqual([1, "portner: the database can't be reached (ECONNREFUSED) (DATABASE_AWAY)\n"]);
});

test("a tenant is made, filled from a file and given an account and a token", async () => {
  const early = await runPortner(["token", "list"], environment);
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining("(NOT_MIGRATED)")]);
  await ok(["migrate"]);
  const { id, name } = TOWN.tenant;
  const admin = ["--admin-login", "anne@fjordby.example", "--admin-name", "Anne Lund"];
  const made = await ok(["init", "--tenant", id, "--name", name, ...admin]);
  expect(made.stdout).toMatch(/^[\w-]{43}\n$/);
  const again = await runPortner(["init", "--tenant", id, "--name", name, ...admin], environment);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("(TENANT_EXISTS)")]);

  const file = join(folder, "town.json");
  await writeFile(file, worldText(TOWN));
  expect((await ok(["import", file, "--dry-run"])).stdout).toContain("a rehearsal: nothing was changed");
  expect((await ok(["import", file])).stdout).toMatch(/locks +30 +0 +0 +0\n/);

  const [department] = TOWN.departments;
  const account = ["account", "create", "--login", "bo", "--name", "Bo Dal", "--roles", "C"];
  const unbound = await runPortner(account, environment);
  expect([unbound.code, unbound.stderr]).toEqual([1, expect.stringContaining("(ROLES_INVALID)")]);
  expect((await ok([...account, "--department", department?.externalId ?? ""])).stdout).toMatch(/^[\w-]{43}\n$/);

  const token = await ok(["token", "create", "--name", "BI", "--scopes", "events:read,locks:read", "--days", "7"]);
  expect(token.stdout).toMatch(/^ptn_[\w-]+\n$/);
  const listed = await ok(["token", "list"]);
  const [, publicId = ""] = /^(\S+) +BI +events:read,locks:read +good /m.exec(listed.stdout) ?? [];
  expect(listed.stdout).not.toContain(token.stdout.trim());
  await ok(["token", "revoke", publicId]);
  expect((await ok(["token", "list"])).stdout).toMatch(/BI +\S+ +revoked/);
});

test("init tells all that stands against a tenant and its administrator at once, and makes neither", async () => {
  const wrong = ["--tenant", "X", "--name", " ", "--hotline", "12", "--admin-login", "  ", "--admin-name", "Anne Lund"];
  const refused = await runPortner(["init", ...wrong], environment);
  expect([refused.code, refused.stdout]).toEqual([1, ""]);
  for (const what of ["tenant.id", "tenant.name", "tenant.hotlinePhone", "--admin-login"]) {
    expect(refused.stderr).toContain(what);
  }
  const admin = ["--admin-login", "Anne@fjordby.example", "--admin-name", "Anne Lund"];
  const taken = await runPortner(["init", "--tenant", "elsewhere", "--name", "Elsewhere", ...admin], environment);
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining("(LOGIN_TAKEN)")]);
});

test("an account is ended and an employee closed by command, once", async () => {
  await ok(["account", "end", "BO"]);
  expect((await ok(["account", "list"])).stdout).toMatch(/bo +Bo Dal +ended/);
  const again = await runPortner(["account", "end", "bo"], environment);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("(ENDED_BEFORE)")]);
  const unknown = await runPortner(["account", "end", "nobody"], environment);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("(NOT_FOUND)")]);
  const [employee] = TOWN.employees;
  const id = employee?.externalId ?? "";
  expect((await ok(["employee", "close", id])).stdout).toContain(id);
  const closed = await runPortner(["employee", "close", id], environment);
  expect([closed.code, closed.stderr]).toEqual([1, expect.stringContaining("(PERSON_CLOSED)")]);
});

test("a faulty world is told by line, and nothing of it is imported", async () => {
  const [first] = TOWN.doors;
  const doors = [...TOWN.doors, { ...first, address: "nowhere", externalId: "d-1" }, { ...first }];
  const file = join(folder, "faulty.json");
  await writeFile(file, worldText({ ...TOWN, doors: z.custom<typeof TOWN.doors>().parse(doors) }));
  const { code, stdout, stderr } = await runPortner(["import", file], environment);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr.match(/faulty\.json:\d+: doors\[\d+\]/g)?.length).toBe(2);
});

test("an import that would end everybody is refused and says so, unless it is meant", async () => {
  const file = join(folder, "nobody.json");
  await writeFile(file, worldText({ ...TOWN, employees: [], memberships: [] }));
  const rehearsal = (await ok(["import", file, "--dry-run"])).stdout;
  const active = /^employees +0 +0 +(\d+) /m.exec(rehearsal)?.[1] ?? "";
  expect(rehearsal).toContain(
    `without --end-many this import is refused, for it ends: employees ${active} of ${active}`,
  );
  const { code, stdout, stderr } = await runPortner(["import", file], environment);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    new RegExp(
      `^portner: nothing was imported: .*\n  employees ${active} of ${active}\n  memberships (\\d+) of \\1\nif that is meant, import it with --end-many \\(ENDS_MANY\\)\n$`,
    ),
  );
  expect((await ok(["import", file, "--end-many"])).stdout).toMatch(/journal entry \d+\n$/);
  await ok(["import", join(folder, "town.json")]);
});

test("broker-config writes Mosquitto's files with the hub in them and everything else denied", async () => {
  const { stdout } = await ok(["broker-config", "--port", "18830"]);
  expect(stdout).toContain("mosquitto -c");
  const files = await readdir(join(folder, "broker"));
  expect(files.toSorted()).toEqual([
    "acl",
    "credentials.jsonl",
    "hubs.jsonl",
    "mosquitto.conf",
    "mosquitto.json",
    "passwd",
  ]);
  expect(await readFile(join(folder, "broker", "mosquitto.conf"), "utf8")).toContain("allow_anonymous false");
  expect(await readFile(join(folder, "broker", "passwd"), "utf8")).toMatch(/^portner-hub:\$7\$/);
  const bare = await runPortner(["broker-config", "--host", "0.0.0.0"], environment);
  expect([bare.code, bare.stderr]).toEqual([1, expect.stringContaining("(BROKER_NOT_LOOPBACK)")]);
});

test("check says ok for every part of a sound house, and what to do about an unsound one", async () => {
  expect((await ok(["check"])).stdout).not.toContain("NOT OK");
  const otherKey = { ...environment, PORTNER_KEY: newSecret(systemRandom), MQTT_URL: "mqtt://127.0.0.1:1" };
  const { code, stdout } = await runPortner(["check"], otherKey);
  expect(code).toBe(1);
  expect(stdout).toMatch(/NOT OK keys: PORTNER_KEY does not open/);
  expect(stdout).toMatch(/NOT OK broker: can't be reached\n +→ start it/);
});

test("serve comes up on external parts and ends politely", async () => {
  const port = await freePort();
  const hub = startPortner(["serve"], { ...environment, PORT: String(port) });
  const isReady = async (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  expect({ isUp: await pollUntil(isReady, START_MS), ...hub.output }).toMatchObject({ isUp: true });
  const taken = await runPortner(["serve"], { ...environment, MQTT_USER: "portner-hub-2", PORT: String(port) });
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining(`port ${port} is taken`)]);
  hub.child.kill("SIGTERM");
  expect(await hub.ended).toBe(0);
});

test("serve refuses a broker that lets in whoever comes", async () => {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const { code, stderr } = await runPortner(["serve"], { ...environment, MQTT_URL: `mqtt://127.0.0.1:${port}` });
  expect([code, stderr]).toEqual([1, expect.stringContaining("(BROKER_ANONYMOUS)")]);
  server.close();
  aedes.close();
});

test("reset asks, and never removes a folder that is not Portner's", async () => {
  const home = join(folder, "town.json");
  const foreign = await runPortner(["reset", "--yes"], { PORTNER_HOME: folder });
  expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining("(NOT_A_HOME)")]);
  expect(await readFile(home, "utf8")).toContain("Fjordby");
  expect((await runPortner(["reset"], { PORTNER_HOME: join(folder, "home") })).stdout).toBe(
    "there is nothing to remove\n",
  );
});
