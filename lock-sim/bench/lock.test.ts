import { afterEach, expect, test } from "vitest";
import { Bench, type BenchOptions } from "./bench.ts";

const benches: Bench[] = [];

async function readyBench(options: BenchOptions = {}): Promise<Bench> {
  const bench = await Bench.ready(options);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

test("an open command is accepted on flash, moves the bolt once, and is told as accepted, moving and moved", async () => {
  const bench = await readyBench();
  const order = bench.hub.order(bench.now());
  expect(bench.hear("cmd", bench.hub.sign("cmd", order))).toEqual({ taken: true });
  await bench.pass(3_000);
  const about = bench.events().filter((event) => "cmd" in event && event.cmd === order.id);
  expect(about.map((event) => event.kind)).toEqual(["accepted", "moving", "moved"]);
  expect(about.at(-1)).toMatchObject({ cause: "command", bolt: "withdrawn", latch: "retracted" });
  expect(await bench.runs()).toMatchObject([{ cause: "command", cmd: order.id, legs: ["withdrawn"] }]);
});

test("every event is on flash before it is sent", async () => {
  const bench = await readyBench();
  const sentBefore = bench.sent.length;
  bench.hear("cmd", bench.hub.cmd(bench.now()));
  expect(bench.sent.length).toBe(sentBefore);
  await bench.settle();
  expect(bench.sent.length).toBeGreaterThan(sentBefore);
});

test("the first event of every boot says where the boot before ended", async () => {
  const bench = await readyBench();
  const ended = bench.flash.seq;
  await bench.reboot();
  bench.ackAll();
  bench.connect();
  bench.hear("ack", bench.hub.ack(1, ended));
  await bench.pass(100);
  const restarts = bench.events().filter((event) => event.kind === "restarted");
  expect(restarts[0]).toMatchObject({ boot: 1, seq: 1, cause: "commissioned", previous: null });
  expect(restarts.at(-1)).toMatchObject({ boot: 2, seq: 1, cause: "power", previous: { boot: 1, seq: ended } });
});

test("an unused opening is locked again after a minute, a used one ten seconds after the door closes, never an open door", async () => {
  const bench = await readyBench();
  bench.hear("cmd", bench.hub.cmd(bench.now()));
  await bench.pass(58_000);
  expect(bench.body.state.bolt).toBe("withdrawn");
  await bench.pass(6_000);
  expect(bench.body.state).toMatchObject({ bolt: "thrown", latch: "extended" });
  bench.hear("cmd", bench.hub.cmd(bench.now()));
  await bench.pass(3_000);
  expect(bench.body.pushDoor()).toBe(true);
  await bench.pass(600_000);
  expect(bench.body.state.bolt).toBe("withdrawn");
  expect(bench.body.closeDoor()).toBe(true);
  await bench.pass(13_000);
  expect(bench.body.state.bolt).toBe("thrown");
  const causes = (await bench.runs()).map((run) => run.cause);
  expect(causes).toEqual(["command", "relock", "command", "relock"]);
});

test("a jam is told as jammed, with the bolt between, and relocking gives up after three tries", async () => {
  const bench = await readyBench({ effects: { jamChance: 1 } });
  const order = bench.hub.order(bench.now());
  bench.hear("cmd", bench.hub.sign("cmd", order));
  await bench.pass(400_000);
  bench.ackAll();
  await bench.settle();
  expect(bench.body.state.bolt).toBe("between");
  const jam = bench.events().find((event) => event.kind === "jammed");
  expect(jam).toMatchObject({ cause: "command", cmd: order.id, towards: "withdrawn" });
  expect((await bench.runs()).filter((run) => run.cause === "relock")).toHaveLength(3);
});

test("lock throws the bolt, test goes both ways in one run, identify and sync move nothing", async () => {
  const bench = await readyBench();
  for (const op of ["open", "lock", "test", "identify", "sync"] as const) {
    bench.hear("cmd", bench.hub.cmd(bench.now(), { op }));
    await bench.pass(4_000);
    bench.ackAll();
  }
  expect((await bench.runs()).map((run) => run.legs)).toEqual([["withdrawn"], ["thrown"], ["withdrawn", "thrown"]]);
  const reported = bench.events().filter((event) => event.kind === "reported");
  expect(new Set(reported.map((event) => event.seq)).size).toBe(2);
});

test("lock does not throw the bolt of an open door but reports it", async () => {
  const bench = await readyBench();
  bench.hear("cmd", bench.hub.cmd(bench.now()));
  await bench.pass(3_000);
  bench.body.pushDoor();
  const order = bench.hub.order(bench.now(), { op: "lock" });
  bench.hear("cmd", bench.hub.sign("cmd", order));
  await bench.pass(3_000);
  expect(await bench.runs()).toHaveLength(1);
  expect(bench.events().at(-1)).toMatchObject({ kind: "reported", cmd: order.id, facts: { door: "open" } });
});

test("a third waiting run is refused before it is accepted, so that no door moves late", async () => {
  const bench = await readyBench();
  const verdicts = [1, 2, 3, 4, 5].map(() => bench.hear("cmd", bench.hub.cmd(bench.now())));
  await bench.settle();
  expect(verdicts.every((verdict) => verdict.taken)).toBe(false);
  await bench.pass(10_000);
  expect((await bench.runs()).length).toBe(verdicts.filter((verdict) => verdict.taken).length);
});

test("power lost while the motor runs leaves the bolt between, and no motion follows at the next start", async () => {
  const bench = await readyBench();
  bench.hear("cmd", bench.hub.cmd(bench.now()));
  await bench.pass(500);
  await bench.reboot();
  expect(bench.body.state.bolt).toBe("between");
  await bench.pass(5_000);
  expect(await bench.runs()).toHaveLength(1);
});

test("a heartbeat comes at the cfg's pace, with the last event's number", async () => {
  const bench = await readyBench();
  const before = bench.sent.filter((one) => one.channel === "tel").length;
  await bench.pass(300_000);
  expect(bench.sent.filter((one) => one.channel === "tel").length - before).toBe(10);
});
