import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { GraphqlEndpoint } from "../graphql/endpoint.ts";
import { answerInProcess } from "./dashboard-graphql.ts";

/** Tells what it was asked, by whom, and sets two cookies. */
const ENDPOINT: Pick<GraphqlEndpoint, "handle"> = {
  handle: async (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(request, "end");
    const { cookie, host, origin } = request.headers;
    const told = { body: Buffer.concat(chunks).toString("utf8"), cookie, host, origin, method: request.method };
    response.writeHead(201, { "content-type": "application/json", "set-cookie": ["a=1; Path=/", "b=2"] });
    response.flushHeaders();
    response.write(JSON.stringify({ ...told, address: request.socket.remoteAddress }));
    response.end();
  },
};

const outer = createServer((request, response) => {
  relay(request).then(
    (text) => response.end(text),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});

async function relay(request: IncomingMessage): Promise<string> {
  const turnedAway = new Map<string, number>();
  const endpoint = { ...ENDPOINT, sockets: 0, turnedAway, upgrade: () => undefined, close: () => Promise.resolve() };
  const asked = new Request("http://hub.example/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "portner=secret", origin: "http://hub.example" },
    body: '{"query":"{ å }"}',
  });
  const answer = await answerInProcess(endpoint, request, asked);
  return JSON.stringify({ status: answer.status, cookies: answer.headers.getSetCookie(), told: await answer.json() });
}

let url: string;

beforeAll(async () => {
  outer.listen(0, "127.0.0.1");
  await once(outer, "listening");
  url = `http://127.0.0.1:${z.object({ port: z.int() }).parse(outer.address()).port}/`;
});
afterAll(() => outer.close());

test("a page's server side asks as its visitor: his cookies, host and address, on a connection that stays open", async () => {
  const expected = {
    status: 201,
    cookies: ["a=1; Path=/", "b=2"],
    told: {
      body: '{"query":"{ å }"}',
      cookie: "portner=secret",
      host: new URL(url).host,
      origin: "http://hub.example",
      method: "POST",
      address: "127.0.0.1",
    },
  };
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await (await fetch(url)).json()).toEqual(expected);
    expect(await (await fetch(url, { method: "POST", body: "a form" })).json()).toEqual(expected);
  }
});
