import { expect, test } from "vitest";
import { parseEndpoint } from "./endpoint.ts";

test.each([
  ["mqtt://127.0.0.1", { host: "127.0.0.1", port: 1_883, secure: false }],
  ["mqtt://localhost:2000", { host: "localhost", port: 2_000, secure: false }],
  ["mqtt://[::1]:1884/", { host: "::1", port: 1_884, secure: false }],
  ["mqtts://broker.fjordby.example", { host: "broker.fjordby.example", port: 8_883, secure: true }],
])("%s is an address of a broker", (url, endpoint) => {
  expect(parseEndpoint(url)).toEqual({ ok: true, value: endpoint });
});

test.each([
  "mqtt://10.0.0.7",
  "mqtt://broker.fjordby.example:1883",
  "mqtt://127.0.0.1.evil.example",
  "mqtt://localhost.example",
])("%s would send secrets in the clear", (url) => {
  expect(parseEndpoint(url)).toMatchObject({ ok: false, failure: { code: "BROKER_URL_INSECURE" } });
});

test.each([
  "",
  "localhost:1883",
  "ws://localhost",
  "http://localhost",
  "mqtts://user:secret@host",
  "mqtt://localhost/path",
])("`%s` is no address of a broker", (url) => {
  expect(parseEndpoint(url)).toEqual({ ok: false, failure: { code: "BROKER_URL_INVALID" } });
});
