import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { silentLog } from "../kernel/log.ts";
import type { PagesHub } from "./dashboard.ts";
import { forwardedAddress, serveHttp, type HttpServer } from "./http.ts";

let http: HttpServer;
const addresses = createServer((request, response) => response.end(forwardedAddress(request)));

const SOURCES = {
  nowMs: () => 1234,
  version: "0",
  log: silentLog,
  endpoint: () => undefined,
  sdl: () => undefined,
  checks: () => [],
  metrics: () => Promise.resolve("doors 3\n"),
};

beforeAll(async () => {
  http = await serveHttp(SOURCES, { host: "127.0.0.1", port: 0 });
  addresses.listen(0, "127.0.0.1");
  await once(addresses, "listening");
});
afterAll(async () => {
  await http.close();
  addresses.close();
});

test("this machine's collector reads the metrics, and nobody through a proxy on it", async () => {
  const statusWith = async (headers: Record<string, string>) =>
    (await fetch(`${http.url}/metrics`, { headers })).status;
  const direct = await fetch(`${http.url}/metrics`);
  expect([direct.status, await direct.text()]).toEqual([200, "doors 3\n"]);
  expect(await statusWith({ "x-forwarded-for": "192.0.2.7" })).toBe(403);
  expect(await statusWith({ "x-forwarded-for": "127.0.0.1" })).toBe(403);
  expect(await statusWith({ forwarded: "for=192.0.2.7" })).toBe(403);
  expect(await statusWith({ "x-real-ip": "192.0.2.7" })).toBe(403);
});

test("pages are answered on every path that is nobody else's, and never in place of the API or its checks", async () => {
  const seen: string[] = [];
  const dashboard = {
    handle: (request: IncomingMessage, response: ServerResponse, hub: PagesHub) => {
      seen.push(request.url ?? "");
      response.end(`a page of ${hub.nowMs()}`);
      return Promise.resolve();
    },
  };
  const withPages = await serveHttp({ ...SOURCES, dashboard }, { host: "127.0.0.1", port: 0 });
  const statusOf = async (path: string) => (await fetch(`${withPages.url}${path}`)).status;
  expect(await Promise.all(["/", "/locks/L1", "/graphql", "/livez", "/metrics"].map(statusOf))).toEqual([
    200, 200, 503, 200, 200,
  ]);
  expect(seen.toSorted()).toEqual(["/", "/locks/L1"]);
  // Hub time, whatever this machine's clock says.
  expect(await (await fetch(withPages.url)).text()).toBe("a page of 1234");
  await withPages.close();
});

test("without pages the port says what it is", async () => {
  expect(await (await fetch(http.url)).text()).toContain("/graphql");
  expect((await fetch(`${http.url}/locks`)).status).toBe(404);
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["127.0.0.1, 198.51.100.1,192.0.2.7 ", "192.0.2.7"],
  ["192.0.2.7, 2001:db8::1", "2001:db8::1"],
  ["192.0.2.7, made up", "127.0.0.1"],
  ["192.0.2.7,", "127.0.0.1"],
  ["", "127.0.0.1"],
  [undefined, "127.0.0.1"],
])("behind a trusted proxy that forwards for %j the client is %s", async (forwarded, client) => {
  const { port } = z.object({ port: z.int() }).parse(addresses.address());
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  expect(await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text()).toBe(client);
});

test("the version, the schema and the editor are there for whoever asks, and the editor asks nobody else", async () => {
  const up = await serveHttp({ ...SOURCES, version: "1.2.3", sdl: () => "type Query" }, { host: "127.0.0.1", port: 0 });
  try {
    const read = async (path: string) => {
      const answer = await fetch(`${up.url}${path}`);
      return { type: answer.headers.get("content-type"), text: await answer.text() };
    };
    expect(await read("/version")).toEqual({ type: "application/json; charset=utf-8", text: '{"version":"1.2.3"}' });
    expect(await read("/graphql/schema.graphql")).toEqual({ type: "text/plain; charset=utf-8", text: "type Query" });
    const editor = await read("/graphiql");
    expect(editor.type).toBe("text/html; charset=utf-8");
    expect(editor.text).toContain("Portner");
    expect(editor.text.match(/<(script|link|img|iframe)\b[^>]*\b(src|href)=["']?(https?:)?\/\/[^>]*>/gi)).toBeNull();
    expect((await fetch(`${up.url}/version`, { method: "POST" })).status).toBe(405);
  } finally {
    await up.close();
  }
  expect((await fetch(`${http.url}/graphql/schema.graphql`)).status).toBe(503);
});
