import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { Bench } from "./bench.ts";

const KILLS = Number(process.env["PORTNER_KILLS"] ?? 6);
const Sent = z.object({ id: z.string(), bytes: z.string() });
type Sent = z.infer<typeof Sent>;

/** Runs the lock of a bench in a process of its own, until it ends or `stopAfter` commands were sent. */
async function inChild(bench: Bench, mode: "self" | "loop", stopAfter: number): Promise<readonly Sent[]> {
  const secret = bench.hub.command.secret.export({ format: "der", type: "pkcs8" }).toString("base64");
  const script = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
  const child = spawn(process.execPath, [script, bench.folder, secret, mode], { stdio: ["ignore", "pipe", "inherit"] });
  const sent: Sent[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    sent.push(Sent.parse(JSON.parse(line)));
    if (sent.length === stopAfter) setTimeout(() => child.kill("SIGKILL"), (stopAfter * 7) % 20);
  });
  await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  return sent;
}

test("killed between persist and motor, a lock remembers the id, moves nothing then, and nothing at the next start", async () => {
  const bench = await Bench.ready();
  try {
    await bench.powerOff();
    const [sent] = await inChild(bench, "self", 0);
    const { id = "", bytes = "" } = sent ?? {};
    await bench.powerOn();
    expect(bench.flash.isUsed(id)).toBe(true);
    expect([...bench.flash.ring.kept()].filter((text) => text.includes(id))).toHaveLength(1);
    bench.connect();
    await bench.pass(5_000);
    expect(bench.hear("cmd", Buffer.from(bytes, "latin1"))).toMatchObject({ taken: false });
    await bench.pass(60_000);
    expect(await bench.runs()).toEqual([]);
  } finally {
    await bench.remove();
  }
});

test(`killed at any moment, ${KILLS} times over, the motor never runs twice for an id nor without a record on flash`, async () => {
  const bench = await Bench.ready();
  try {
    const told = new Set<string>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await bench.powerOff();
      await inChild(bench, "loop", 3 + kill);
      await bench.powerOn();
      for (const text of bench.flash.ring.kept())
        told.add(z.object({ cmd: z.string().optional() }).parse(JSON.parse(text)).cmd ?? "");
      const ids = (await bench.runs()).filter((run) => run.cause === "command").map((run) => run.cmd ?? "none");
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(kill);
      const last = ids.at(-1) ?? "";
      expect(bench.flash.isUsed(last) || told.has(last)).toBe(true);
    }
  } finally {
    await bench.remove();
  }
}, 60_000);
