import { afterEach, expect, test } from "vitest";
import { denyDigest } from "../firmware/deny-list.ts";
import { Bench } from "./bench.ts";
import { makeHubKey } from "./hub.ts";

const benches: Bench[] = [];

/** A unit that was just commissioned: connected, without a cfg. */
async function newUnit(): Promise<Bench> {
  const bench = new Bench();
  benches.push(bench);
  await bench.powerOn();
  bench.connect();
  await bench.settle();
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

const kinds = (bench: Bench): string[] => bench.events().map((event) => event.kind);
const beats = (bench: Bench): number => bench.sent.filter((one) => one.channel === "tel").length;

test("a deny document and an ack that come before the first cfg are no refusals, and the denials hold once it is there", async () => {
  const bench = await newUnit();
  const entries = [{ cred: "credential-1", gen: 3, until: bench.now() + 100_000 }];
  expect(bench.hear("ack", bench.hub.ack(1, 1))).toEqual({ taken: true });
  expect(bench.hear("deny", bench.hub.deny(4, entries), true)).toEqual({ taken: true });
  expect(bench.flash.deny.entries).toEqual([]);
  bench.hear("cfg", bench.hub.cfg(), true);
  await bench.pass(60_000);
  expect(bench.flash.deny).toMatchObject({ version: 4, entries });
  expect(kinds(bench)).not.toContain("refused");
  const holds = bench.events().findLast((event) => event.kind === "holds");
  expect(holds).toMatchObject({ cfg: { version: 1 }, deny: { version: 4, digest: denyDigest(entries) } });
  expect(bench.hear("cmd", bench.hub.cmd(bench.now()))).toMatchObject({ reason: "DENIED" });
});

test("of many documents before the first cfg the newest is kept, and what is no document at all is refused as ever", async () => {
  const bench = await newUnit();
  const until = bench.now() + 100_000;
  for (let version = 1; version <= 50; version += 1) {
    bench.hear("deny", bench.hub.deny(version, [{ cred: `credential-${version}`, gen: 1, until }]), true);
  }
  expect(bench.hear("deny", Buffer.from("nonsense"), true)).toMatchObject({ reason: "MALFORMED" });
  bench.hear("cfg", bench.hub.cfg());
  await bench.settle();
  expect(bench.flash.deny).toMatchObject({ version: 50, entries: [{ cred: "credential-50" }] });
});

test("a held document that the first cfg's keys did not sign is refused then, and one after the cfg at once", async () => {
  const bench = await newUnit();
  const forged = bench.hub.sign(
    "deny",
    { v: 1, tenant: bench.hub.commission.tenant, version: 9, iat: 1, entries: [] },
    makeHubKey("command-key-9"),
  );
  bench.hear("deny", forged, true);
  bench.hear("cfg", bench.hub.cfg());
  await bench.settle();
  expect(bench.flash.deny.version).toBe(0);
  expect(bench.lock.counts()).toMatchObject({ UNKNOWN_KEY: 1 });
  expect(bench.hear("deny", forged, true)).toMatchObject({ reason: "UNKNOWN_KEY" });
  expect(bench.lock.counts()).toMatchObject({ UNKNOWN_KEY: 2 });
});

test("a command before the first cfg is refused and told: nobody may think that it is under way", async () => {
  const bench = await newUnit();
  expect(bench.hear("cmd", bench.hub.cmd(bench.now()))).toMatchObject({ reason: "UNKNOWN_KEY" });
  await bench.pass(60_000);
  expect(kinds(bench)).toContain("refused");
});

test("the time is asked for when the first cfg is there, because no answer could be verified before", async () => {
  const bench = await newUnit();
  await bench.pass(10_000);
  expect(bench.asks()).toEqual([]);
  bench.hear("cfg", bench.hub.cfg());
  await bench.pass(1_000);
  expect(bench.asks()).toMatchObject([{ kind: "time" }]);
  expect(bench.lock.isTimeTrusted).toBe(true);
});

test("the first cfg, and one with another pace, is followed by a heartbeat at once; the same pace changes no rhythm", async () => {
  const bench = await newUnit();
  await bench.pass(100);
  expect(beats(bench)).toBe(1);
  bench.hear("cfg", bench.hub.cfg());
  await bench.pass(10);
  expect(beats(bench)).toBe(2);
  await bench.pass(29_000);
  expect(beats(bench)).toBe(2);
  bench.hear("cfg", bench.hub.cfg({ version: 2, bundles: ["bundle-two"] }));
  await bench.pass(500);
  expect(beats(bench)).toBe(2);
  bench.hear("cfg", bench.hub.cfg({ version: 3, heartbeatMs: 5_000 }));
  await bench.pass(10);
  expect(beats(bench)).toBe(3);
  await bench.pass(50_000);
  expect(beats(bench)).toBe(13);
});
