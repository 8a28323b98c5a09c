import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { testCertificate } from "../simulation/certificate.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../simulation/tcp-proxy.ts";
import { isUnavailable, openDatabase, type Database } from "./database.ts";

const HIDDEN_MS = 2_000;

let fresh: TestDatabase;
let front: Server;
let line: TcpProxy;
let database: Database;

/** A Postgres that speaks TLS: it answers the question, and takes the encryption off before the real one. */
async function startTlsFront(target: URL): Promise<Server> {
  const { cert, key } = testCertificate("localhost", Date.now());
  const server = createServer((near) => {
    near.on("error", () => undefined);
    near.once("data", () => {
      near.write("S");
      const opened = new TLSSocket(near, { isServer: true, cert, key });
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [opened, far]) socket.on("error", () => undefined);
      opened.pipe(far).pipe(opened);
      near.on("close", () => far.destroy());
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

beforeAll(async () => {
  fresh = await freshDatabase();
  const url = new URL(fresh.url);
  front = await startTlsFront(new URL(fresh.url));
  const address = front.address();
  line = await startTcpProxy(address !== null && typeof address === "object" ? address.port : 0);
  url.port = String(line.port);
  url.searchParams.set("sslmode", "require");
  database = openDatabase(url.href, { patience: { answerMs: 1_000, hiddenMs: HIDDEN_MS } });
});
afterAll(async () => {
  await database.close();
  await line.stop();
  front.close();
  await fresh.drop();
});

test("under TLS an idle connection is made anew without anybody noticing, and what is asked is answered", async () => {
  const ending = { text: "SELECT 1 AS one", parameters: [], value: "done" };
  let heard = 0;
  const notify = () => database.reader`SELECT pg_notify('tls', '')`;
  await database.raw.listen("tls", () => {
    heard += 1;
  });
  const until = performance.now() + 3 * HIDDEN_MS;
  while (performance.now() < until) {
    await Promise.all([database.hot`SELECT 1`, database.transact(async () => ending)]);
    await new Promise((resolve) => void setTimeout(resolve, 700));
  }
  await database.raw`SELECT 1`;
  const before = heard;
  await vi.waitFor(
    async () => {
      await notify();
      expect(heard).toBeGreaterThan(before);
    },
    { timeout: 5_000 },
  );
}, 30_000);

test("under TLS a Postgres that goes silent is given up, and found again", async () => {
  await database.raw`SELECT 1`;
  line.freeze();
  const since = performance.now();
  await expect(database.raw`SELECT 1`).rejects.toSatisfy(isUnavailable);
  expect(performance.now() - since).toBeLessThan(2 * HIDDEN_MS + 1_000);
  line.heal();
  await vi.waitFor(() => database.raw`SELECT 1`, { timeout: 6_000 });
}, 30_000);
