import type { EventMessage } from "@portner/schema/mqtt";
import { afterEach, expect, test } from "vitest";
import { Bench } from "./bench.ts";
import { makeHubKey } from "./hub.ts";
import { denyDigest } from "../firmware/deny-list.ts";
import { digestOf } from "../firmware/keys.ts";

const benches: Bench[] = [];

async function readyBench(): Promise<Bench> {
  const bench = await Bench.ready();
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

function lastHolds(bench: Bench): Extract<EventMessage, { kind: "holds" }> | undefined {
  return bench.events().findLast((event) => event.kind === "holds");
}

test("a cfg document is stored and proven by its digest", async () => {
  const bench = await readyBench();
  const bytes = bench.hub.cfg({ version: 2, heartbeatMs: 5_000 });
  expect(bench.hear("cfg", bytes, true)).toEqual({ taken: true });
  await bench.pass(10);
  expect(lastHolds(bench)?.cfg).toEqual({ version: 2, digest: digestOf(bytes) });
  await bench.reboot();
  expect(bench.flash.config?.message.heartbeatMs).toBe(5_000);
});

test("a cfg version never falls, and the same version with other content is refused", async () => {
  const bench = await readyBench();
  bench.hear("cfg", bench.hub.cfg({ version: 5 }));
  bench.hear("cfg", bench.hub.cfg({ version: 4, heartbeatMs: 1_000 }));
  bench.hear("cfg", bench.hub.cfg({ version: 5, heartbeatMs: 1_000 }));
  bench.hear("cfg", bench.hub.cfg({ version: 5 }));
  expect(bench.flash.config?.message).toMatchObject({ version: 5, heartbeatMs: 30_000 });
  expect(bench.lock.counts()).toMatchObject({ CFG_OLDER: 1, CFG_SAME_VERSION_OTHER_CONTENT: 1 });
});

test("only the root key signs cfg, and only for this lock", async () => {
  const bench = await readyBench();
  const { hub } = bench;
  const content = { ...hub.config, version: 9 };
  expect(bench.hear("cfg", hub.sign("cfg", content))).toMatchObject({ reason: "UNKNOWN_KEY" });
  expect(bench.hear("cfg", hub.cfg({ version: 9, lock: "lock-two-2" }))).toMatchObject({ reason: "WRONG_UNIT" });
  expect(bench.hear("cfg", hub.cfg({ version: 9, unit: "unit-two-2" }))).toMatchObject({ reason: "WRONG_UNIT" });
  expect(bench.flash.config?.message.version).toBe(1);
});

test("after a rotation the old key signs nothing and the new one does", async () => {
  const bench = await readyBench();
  const next = makeHubKey("command-key-2");
  const keys = [{ kid: next.kid, purpose: "command" as const, key: next.key }];
  bench.hear("cfg", bench.hub.cfg({ version: 2, keys }));
  expect(bench.hear("cmd", bench.hub.cmd(bench.now()))).toMatchObject({ reason: "UNKNOWN_KEY" });
  expect(bench.hear("cmd", bench.hub.sign("cmd", bench.hub.order(bench.now()), next))).toEqual({ taken: true });
});

test("denials merge, survive a loss of power, are proven by their digest and forgotten when their end has passed", async () => {
  const bench = await readyBench();
  const until = bench.now() + 100_000;
  bench.hear("deny", bench.hub.deny(3, [{ cred: "credential-2", gen: 4, until }]), true);
  bench.hear("deny", bench.hub.deny(2, [{ cred: "credential-1", gen: 1, until: until + 50_000 }]), true);
  await bench.pass(10);
  const entries = [
    { cred: "credential-1", gen: 1, until: until + 50_000 },
    { cred: "credential-2", gen: 4, until },
  ];
  expect(lastHolds(bench)?.deny).toEqual({ version: 3, digest: denyDigest(entries) });
  await bench.reboot();
  expect(bench.flash.deny.entries).toEqual(entries);
  bench.connect();
  await bench.pass(140_000);
  expect(bench.flash.deny.entries).toEqual(entries.slice(0, 1));
});

test("a deny list that outgrows the memory lets no permit in, keeps what it has and proves no later version", async () => {
  const bench = await readyBench();
  for (let part = 0; part < 5; part += 1) {
    await bench.pass(1_000);
    const entries = Array.from({ length: 100 }, (_, at) => ({
      cred: `credential-${part}-${at}`,
      gen: 1,
      until: bench.now() + 60_000,
    }));
    bench.hear("deny", bench.hub.deny(part, entries));
  }
  expect(bench.flash.deny).toMatchObject({ overflowed: true, version: 3 });
  expect(bench.flash.deny.entries).toHaveLength(400);
  await bench.pass(10);
  expect(lastHolds(bench)?.deny).toEqual({ version: 3, digest: denyDigest(bench.flash.deny.entries) });
  await bench.pass(200_000);
  bench.hear("deny", bench.hub.deny(5, []));
  expect(bench.flash.deny).toEqual({ version: 5, entries: [], overflowed: false });
});

test("acks beyond what was sent are ignored and counted, lower ones do nothing", async () => {
  const bench = await readyBench();
  const { boot, seq } = bench.flash;
  bench.hear("ack", bench.hub.ack(boot, seq + 1));
  bench.hear("ack", bench.hub.ack(boot + 1, 1));
  expect(bench.lock.counts()).toMatchObject({ ACK_BEYOND: 2 });
  expect(bench.flash.ring.size).toBe(seq);
  bench.hear("ack", bench.hub.ack(boot, seq));
  expect(bench.flash.ring.isEmpty).toBe(true);
  bench.hear("ack", bench.hub.ack(boot, 1));
  expect(bench.flash.ring.isEmpty).toBe(true);
});

test("what is not acknowledged is sent again after two seconds, then ever more rarely, up to a minute", async () => {
  const bench = await readyBench();
  bench.ackAll();
  await bench.settle();
  bench.lock.tampered("cover");
  await bench.settle();
  const at: number[] = [];
  let seen = bench.events().length;
  for (let second = 0; second < 260; second += 1) {
    await bench.pass(1_000);
    const events = bench.events();
    if (events.slice(seen).some((event) => event.kind === "tamper")) at.push(second + 1);
    seen = events.length;
  }
  expect(at).toEqual([2, 6, 14, 30, 62, 122, 182, 242]);
});
