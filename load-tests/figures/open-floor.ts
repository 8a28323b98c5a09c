import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { SignedRequest } from "../installation/api.ts";
import { startOwn } from "../process/child.ts";

const Moved = z.object({ id: z.string(), at: z.number() });

/** The floor of an opening, as processes like the real ones: broker, hub and lock. */
export interface OpenFloor {
  readonly url: string;
  /** The hub's process. */
  readonly pid: number;
  /** When each press's motor would have started, in wall time. */
  readonly starts: ReadonlyMap<string, number>;
  presses(count: number): readonly SignedRequest[];
  stop(): Promise<void>;
}

/** Starts it on the database of the installation that is measured. */
export async function startOpenFloor(databaseUrl: string): Promise<OpenFloor> {
  const folder = await mkdtemp(join(tmpdir(), "portner-load-lock-"));
  const { publicKey, privateKey } = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const broker = await startOwn("floors/open-broker.ts", {});
  const brokerPort = Number(broker.match[1]);
  const lock = await startOwn("floors/open-lock.ts", { brokerPort, publicKey, flash: join(folder, "flash.log") });
  const hub = await startOwn("floors/open-hub.ts", { brokerPort, databaseUrl, privateKey });
  const starts = new Map<string, number>();
  lock.child.onLine((line) => {
    const { id, at } = Moved.parse(JSON.parse(line));
    starts.set(id, at);
  });
  return {
    url: `http://127.0.0.1:${hub.match[1]}`,
    pid: hub.child.pid,
    starts,
    presses: (count) =>
      Array.from({ length: count }, () => {
        // As many bytes as a real press has, proof included.
        const body = JSON.stringify({ id: randomUUID(), rest: "-".repeat(220) });
        return { body, headers: { "content-type": "application/json", "portner-proof": "-".repeat(250) } };
      }),
    stop: async () => {
      for (const { child } of [hub, lock, broker]) await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
