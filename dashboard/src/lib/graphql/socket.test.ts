import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { z } from "zod";
import { openSocket } from "./socket.ts";
import { graphql } from "./tada.ts";

const LOCKS = graphql(`
  subscription SocketEvents($after: String) {
    doorEvents(after: $after) {
      cursor
    }
  }
`);
const message = z.object({ type: z.string(), id: z.string().optional(), payload: z.unknown().optional() });

/** A hub that says one event a subscription, and whatever `meet` does with the nth line. */
async function hub(meet: (line: WebSocket, nth: number) => void, swallowed = 0) {
  const server = createServer().listen(0, "127.0.0.1");
  const lines = new WebSocketServer({ noServer: true });
  const asked: unknown[] = [];
  let upgrades = 0;
  server.on("upgrade", (request, socket, head) => {
    upgrades += 1;
    const nth = upgrades;
    if (nth <= swallowed) return;
    lines.handleUpgrade(request, socket, head, (line) => {
      line.on("message", (data) => {
        const { type, id, payload } = message.parse(JSON.parse(String(data)));
        if (type === "connection_init") line.send(JSON.stringify({ type: "connection_ack" }));
        if (type !== "subscribe") return;
        asked.push(z.object({ variables: z.unknown() }).parse(payload).variables);
        line.send(JSON.stringify({ id, type: "next", payload: { data: { doorEvents: { cursor: `j1.${nth}` } } } }));
        meet(line, nth);
      });
    });
  });
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  onTestFinished(() => {
    for (const line of lines.clients) line.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { url: `ws://127.0.0.1:${port}`, asked, upgrades: () => upgrades };
}

function page(url: string) {
  const told: string[] = [];
  const cursors: string[] = [];
  const socket = openSocket(
    { url, monotonic: () => performance.now(), chance: () => 0 },
    {
      trying: () => told.push("trying"),
      connected: () => told.push("connected"),
      frame: () => undefined,
      delay: () => undefined,
      lost: () => told.push("lost"),
      signedOut: () => told.push("signed out"),
    },
  );
  onTestFinished(() => socket.close());
  socket.subscribe(LOCKS, () => ({ after: cursors.at(-1) ?? null }), {
    next: ({ doorEvents }) => void cursors.push(doorEvents.cursor),
    ended: (failure) => told.push(`ended ${failure?.code}`),
  });
  return { socket, told, cursors };
}

test.each([1011, 4400, 4500])("behind a line that the hub broke off with %i every stream goes on", async (code) => {
  const { url, asked } = await hub((line, nth) => void (nth === 1 && line.close(code)));
  const { told, cursors } = page(url);
  await vi.waitFor(() => expect(cursors).toEqual(["j1.1", "j1.2"]), 5_000);
  expect(asked).toEqual([{ after: null }, { after: "j1.1" }]);
  expect(told.filter((word) => word !== "lost")).toEqual(["trying", "connected", "trying", "connected"]);
  expect(told).toContain("lost");
});

test("a session that has ended is tried no more", async () => {
  const { url, upgrades } = await hub((line) => line.close(4401));
  const { told } = page(url);
  await vi.waitFor(() => expect(told).toContain("ended UNAUTHENTICATED"), 5_000);
  expect([told[2], upgrades()]).toEqual(["signed out", 1]);
});

test("an attempt that hangs is given up for another one", async () => {
  const { url, upgrades } = await hub(() => undefined, 1);
  const { socket, cursors } = page(url);
  await vi.waitFor(() => expect(upgrades()).toBe(1), 5_000);
  socket.renew();
  await vi.waitFor(() => expect(cursors).toEqual(["j1.2"]), 5_000);
});

test("a hub that breaks every line off is tried less and less often", async () => {
  const { url, upgrades } = await hub((line) => line.close(1011));
  const { cursors } = page(url);
  const startedAtMs = performance.now();
  await vi.waitFor(() => expect(cursors).toHaveLength(4), 10_000);
  // Pauses of 600, 1,200 and 2,400 ms, of which chance takes half here.
  expect(performance.now() - startedAtMs).toBeGreaterThan(2_000);
  expect(upgrades()).toBe(4);
});
