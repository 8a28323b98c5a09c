import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testCertificate } from "../simulation/certificate.ts";
import { readConfig, SERVE_NEEDS } from "./config.ts";

const SERVING = {
  DATABASE_URL: "postgres://portner:secret@db.example/portner",
  MQTT_URL: "mqtts://broker.example",
  MQTT_SECRET: "s".repeat(40),
  PORTNER_KEY: "k".repeat(43),
  BROKER_FOLDER: "/srv/portner/broker",
};

function faultyVariables(environment: Record<string, string>, needed: typeof SERVE_NEEDS | [] = []): string[] {
  const read = readConfig(environment, { needed });
  return read.ok ? [] : read.faults.map(({ variable }) => variable);
}

test("an empty environment is enough for the demo, and an empty variable counts as absent", () => {
  expect(readConfig({ PORT: "" })).toMatchObject({ ok: true, config: { HOST: "127.0.0.1", PORT: 4_610 } });
});

test("what serve needs is enough for it, and whatever is missing is named", () => {
  expect(faultyVariables(SERVING, SERVE_NEEDS)).toEqual([]);
  expect(faultyVariables({}, SERVE_NEEDS)).toEqual([...SERVE_NEEDS]);
});

test("faults of form, of combination and of absence are told together", () => {
  const { PORTNER_KEY: _, ...incomplete } = SERVING;
  const faulty = {
    ...incomplete,
    PORT: "x",
    LOG_LEVEL: "loud",
    TLS_CERT_FILE: "a.pem",
    MQTT_URL: "mqtt://far.example",
  };
  expect(faultyVariables(faulty, SERVE_NEEDS)).toEqual([
    "PORT",
    "LOG_LEVEL",
    "TLS_KEY_FILE",
    "MQTT_URL",
    "PORTNER_KEY",
  ]);
});

test.each([
  ["HOST beyond loopback without TLS", { HOST: "0.0.0.0" }, ["HOST"]],
  ["HOST beyond loopback behind a proxy", { HOST: "0.0.0.0", TRUST_PROXY: "true" }, []],
  ["a broker without TLS on loopback", { MQTT_URL: "mqtt://127.0.0.1:1883" }, []],
  ["a locks' broker without TLS elsewhere", { MQTT_PUBLIC_URL: "mqtt://far.example" }, ["MQTT_PUBLIC_URL"]],
  ["limits that let nobody in", { RATE_LIMIT_FACTOR: "0" }, ["RATE_LIMIT_FACTOR"]],
  ["limits for a load test", { RATE_LIMIT_FACTOR: "1000" }, []],
  ["origins", { ALLOWED_ORIGINS: "https://drift.example, http://localhost:5173," }, []],
  ["an origin with a path", { ALLOWED_ORIGINS: "https://drift.example/" }, ["ALLOWED_ORIGINS"]],
  ["a host that is no origin", { ALLOWED_ORIGINS: "drift.example" }, ["ALLOWED_ORIGINS"]],
  ["an origin of no browser", { ALLOWED_ORIGINS: "file:///srv" }, ["ALLOWED_ORIGINS"]],
  ["a short secret", { MQTT_SECRET: "short" }, ["MQTT_SECRET"]],
  ["a port in hexadecimal", { PORT: "0x10" }, ["PORT"]],
  [
    "ports that are no ports",
    { PORT: "65536", POSTGRES_PORT: "1e3", BROKER_PORT: "-1" },
    ["PORT", "POSTGRES_PORT", "BROKER_PORT"],
  ],
  ["a port with blanks", { PORT: " 80 " }, ["PORT"]],
  ["limits in hexadecimal", { RATE_LIMIT_FACTOR: "0x2" }, ["RATE_LIMIT_FACTOR"]],
  ["limits with a fraction", { RATE_LIMIT_FACTOR: "2.5" }, []],
  ["a user name that no broker topic takes", { MQTT_USER: "Hub One" }, ["MQTT_USER"]],
])("%s", (_name, environment, expected) => {
  expect(faultyVariables(environment)).toEqual(expected);
});

test("what a setting takes is said in plain words", () => {
  const port = "must be a whole number from 0 to 65535";
  const faulty = {
    PORT: "x",
    POSTGRES_PORT: "-1",
    BROKER_PORT: "70000",
    RATE_LIMIT_FACTOR: "lots",
    TRUST_PROXY: "yes",
    LOG_LEVEL: "loud",
  };
  expect(readConfig(faulty)).toEqual({
    ok: false,
    faults: [
      { variable: "PORT", fault: port },
      { variable: "POSTGRES_PORT", fault: port },
      { variable: "BROKER_PORT", fault: port },
      { variable: "TRUST_PROXY", fault: "must be true or false" },
      { variable: "RATE_LIMIT_FACTOR", fault: "must be a number from 0.1 to 1000, such as 2 or 0.5" },
      { variable: "LOG_LEVEL", fault: "must be one of debug, info, warn, error, silent" },
    ],
  });
  expect(readConfig({ PORT: "0", RATE_LIMIT_FACTOR: "0.1" })).toMatchObject({
    config: { PORT: 0, RATE_LIMIT_FACTOR: 0.1 },
  });
});

test("no fault quotes a value", () => {
  const values = { DATABASE_URL: "hunter2-a", PORT: "hunter2-b", MQTT_SECRET: "hunter2-c", PORTNER_KEY: "hunter2-d" };
  expect(JSON.stringify(readConfig(values))).not.toContain("hunter2");
});

let folder: string;
/** Path of a file in the folder with this text. */
async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-config-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("files that can't be read, that hold something else or that don't fit each other are all told at once", async () => {
  const { cert, key } = testCertificate("hub.example", Date.now());
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = await fileWith("hub.pem", cert);
  const faultsOf = (environment: Record<string, string>) => {
    const read = readConfig(environment, { opensFiles: true });
    return read.ok ? [] : read.faults.map(({ variable, fault }) => `${variable} ${fault}`);
  };
  const sound = { TLS_CERT_FILE: certificate, TLS_KEY_FILE: await fileWith("hub.key", key), MQTT_CA_FILE: certificate };
  expect(faultsOf(sound)).toEqual([]);
  const nothing = {
    MQTT_CA_FILE: join(folder, "nothing.pem"),
    TLS_CERT_FILE: sound.TLS_KEY_FILE,
    TLS_KEY_FILE: folder,
  };
  expect(faultsOf({ ...nothing, PORT: "x" })).toEqual([
    expect.stringMatching(/^PORT /),
    "MQTT_CA_FILE names a file that can't be read",
    "TLS_CERT_FILE names a file that holds no certificate (PEM)",
    "TLS_KEY_FILE names a file that can't be read",
  ]);
  const other = await fileWith("other.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  expect(faultsOf({ ...sound, TLS_KEY_FILE: other })).toEqual([
    "TLS_KEY_FILE is not the key of TLS_CERT_FILE's certificate",
  ]);
  // Whoever only makes an account may be somebody who may not read the hub's key.
  expect(readConfig(nothing)).toMatchObject({ ok: true });
});

test("the broker's folder must be there before the hub starts, and is told with everything else", async () => {
  const faultsOf = (path: string) => readConfig({ BROKER_FOLDER: path, MQTT_CA_FILE: path }, { opensFiles: true });
  const faults = [
    { variable: "BROKER_FOLDER", fault: "names no folder; `portner broker-config` makes it" },
    { variable: "MQTT_CA_FILE", fault: expect.stringMatching(/^names a file that /) },
  ];
  const file = await fileWith("file", "");
  for (const path of [join(folder, "nowhere"), join(folder, "nowhere", "x"), file, join(file, "x")]) {
    expect(faultsOf(path)).toEqual({ ok: false, faults });
  }
  expect(readConfig({ BROKER_FOLDER: folder }, { opensFiles: true })).toMatchObject({ ok: true });
  expect(readConfig({ BROKER_FOLDER: join(folder, "nowhere") })).toMatchObject({ ok: true });
});
