import { expect, test } from "vitest";
import { readConfig, SERVE_NEEDS } from "./config.ts";

const SERVING = {
  DATABASE_URL: "postgres://portner:secret@db.example/portner",
  MQTT_URL: "mqtts://broker.example",
  MQTT_SECRET: "s".repeat(40),
  PORTNER_KEY: "k".repeat(43),
  BROKER_FOLDER: "/srv/portner/broker",
};

function faultyVariables(environment: Record<string, string>, needed: typeof SERVE_NEEDS | [] = []): string[] {
  const read = readConfig(environment, needed);
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
  ["a short secret", { MQTT_SECRET: "short" }, ["MQTT_SECRET"]],
  ["a user name that no broker topic takes", { MQTT_USER: "Hub One" }, ["MQTT_USER"]],
])("%s", (_name, environment, expected) => {
  expect(faultyVariables(environment)).toEqual(expected);
});

test("no fault quotes a value", () => {
  const values = { DATABASE_URL: "hunter2-a", PORT: "hunter2-b", MQTT_SECRET: "hunter2-c", PORTNER_KEY: "hunter2-d" };
  expect(JSON.stringify(readConfig(values))).not.toContain("hunter2");
});
