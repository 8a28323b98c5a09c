import { afterEach, expect, test } from "vitest";
import { Bench } from "./bench.ts";
import { BenchHub, makeHubKey } from "./hub.ts";

const benches: Bench[] = [];

async function readyBench(options: ConstructorParameters<typeof Bench>[0] = {}): Promise<Bench> {
  const bench = await Bench.ready(options);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench.remove();
  }
});

/** The verdict on a command made by `make`, in short. */
function verdictOn(bench: Bench, bytes: Uint8Array, retained = false): string {
  const verdict = bench.hear("cmd", bytes, retained);
  return verdict.taken ? "taken" : verdict.reason;
}

test("each check of a command refuses with its own reason, and nothing moves", async () => {
  const bench = await readyBench();
  const { hub } = bench;
  const stranger = makeHubKey("command-key-1");
  const cases: readonly (readonly [string, (now: number) => string])[] = [
    ["TOO_LARGE", () => verdictOn(bench, new Uint8Array(4_097))],
    ["MALFORMED", () => verdictOn(bench, new TextEncoder().encode("a.b.c"))],
    ["RETAINED", (now) => verdictOn(bench, hub.cmd(now), true)],
    ["WRONG_TYPE", () => verdictOn(bench, hub.ack(1, 1))],
    ["RETAINED", () => verdictOn(bench, hub.ack(1, 1), true)],
    ["WRONG_UNIT", (now) => verdictOn(bench, hub.cmd(now, { unit: "unit-two-2" }))],
    ["WRONG_TENANT", (now) => verdictOn(bench, hub.cmd(now, { tenant: "tenant-two" }))],
    ["UNKNOWN_KEY", (now) => verdictOn(bench, hub.sign("cmd", hub.order(now), makeHubKey("another-key")))],
    ["UNKNOWN_KEY", (now) => verdictOn(bench, hub.sign("cmd", hub.order(now), hub.permit))],
    ["BAD_SIGNATURE", (now) => verdictOn(bench, hub.sign("cmd", hub.order(now), stranger))],
    ["LIFE_TOO_LONG", (now) => verdictOn(bench, hub.cmd(now, { exp: now + 10_001 }))],
    ["NOT_YET_VALID", (now) => verdictOn(bench, hub.cmd(now + 5_100))],
    ["EXPIRED", (now) => verdictOn(bench, hub.cmd(now - 15_100))],
    ["BAD_CHALLENGE", (now) => verdictOn(bench, hub.cmd(now, { challenge: "A".repeat(22) }))],
  ];
  for (const [reason, judge] of cases) {
    await bench.pass(1_000);
    expect(judge(bench.now())).toBe(reason);
  }
  expect(await bench.runs()).toEqual([]);
});

test("a command within the skew at either end opens", async () => {
  const bench = await readyBench();
  expect(verdictOn(bench, bench.hub.cmd(bench.now() + 4_900))).toBe("taken");
  await bench.pass(3_000);
  expect(verdictOn(bench, bench.hub.cmd(bench.now() - 14_900))).toBe("taken");
});

test("a command is obeyed once, also after a loss of power and with a fresh challenge", async () => {
  const bench = await readyBench();
  const order = bench.hub.order(bench.now());
  const bytes = bench.hub.sign("cmd", order);
  expect(verdictOn(bench, bytes)).toBe("taken");
  expect(verdictOn(bench, bytes)).toBe("REPEATED");
  await bench.pass(2_000);
  await bench.reboot();
  expect(verdictOn(bench, bytes)).toBe("CLOCK_UNTRUSTED");
  bench.connect();
  await bench.pass(1);
  expect(verdictOn(bench, bytes)).toBe("REPEATED");
  await bench.pass(30_000);
  expect(verdictOn(bench, bytes)).toBe("EXPIRED");
  expect(await bench.runs()).toHaveLength(1);
});

test("ids are forgotten only by raising the floor, and a full memory refuses", async () => {
  const bench = await readyBench();
  for (let made = 0; made < 600; made += 1) {
    expect(verdictOn(bench, bench.hub.cmd(bench.now(), { op: "identify" }))).toBe("taken");
    await bench.pass(250);
    bench.ackAll();
  }
  expect(bench.flash.usedCount).toBeLessThan(100);
  const old = bench.flash.floor;
  expect(verdictOn(bench, bench.hub.cmd(old, { challenge: "A".repeat(22) }))).toBe("BAD_CHALLENGE");
  await bench.powerOff();
  await bench.powerOn();
  bench.isUp = true;
  for (let made = bench.flash.usedCount; made < 512; made += 1) {
    await bench.flash.commit({ t: "use", id: `filler-${made}`, iat: bench.now(), floor: old, event: filler(bench) });
  }
  expect(verdictOn(bench, bench.hub.cmd(bench.now()))).toBe("CLOCK_UNTRUSTED");
  const challenge = bench.asks().at(-1)?.challenge ?? "";
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { challenge }))).toBe("MEMORY_FULL");
  bench.connect();
  await bench.pass(21_000);
  expect(verdictOn(bench, bench.hub.cmd(bench.now()))).toBe("taken");
});

function filler(bench: Bench) {
  const { boot, seq } = bench.flash;
  const clock = { trusted: false, errorMs: 0 };
  return { v: 1, unit: "unit-one-1", boot, seq: seq + 1, at: 1, clock, kind: "door", door: "closed" };
}

test("a command at or below the floor is refused even with a challenge", async () => {
  const bench = await readyBench();
  expect(verdictOn(bench, bench.hub.cmd(bench.now()))).toBe("taken");
  await bench.settle();
  const { floor } = bench.flash;
  await bench.reboot();
  verdictOn(bench, bench.hub.cmd(bench.now()));
  const challenge = bench.asks().at(-1)?.challenge ?? "";
  expect(verdictOn(bench, bench.hub.cmd(floor, { challenge }))).toBe("BELOW_FLOOR");
});

test("with an untrusted clock a command needs the lock's own challenge: once, for ten seconds, not after a reboot", async () => {
  const bench = await readyBench({ tellsTime: false });
  const order = bench.hub.order(bench.now());
  expect(verdictOn(bench, bench.hub.sign("cmd", order))).toBe("CLOCK_UNTRUSTED");
  const asked = bench.asks().findLast((ask) => ask.kind === "command");
  const challenge = asked?.challenge ?? "";
  const answer = bench.hub.sign("cmd", { ...order, challenge });
  expect(verdictOn(bench, answer)).toBe("taken");
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { challenge }))).toBe("BAD_CHALLENGE");
  await bench.pass(3_000);
  expect(await bench.runs()).toMatchObject([{ cmd: order.id }]);
  verdictOn(bench, bench.hub.cmd(bench.now()));
  const late = bench.asks().findLast((ask) => ask.kind === "command")?.challenge ?? "";
  await bench.pass(10_001);
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { challenge: late }))).toBe("BAD_CHALLENGE");
  verdictOn(bench, bench.hub.cmd(bench.now()));
  const before = bench.asks().findLast((ask) => ask.kind === "command")?.challenge ?? "";
  await bench.reboot();
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { challenge: before }))).toBe("BAD_CHALLENGE");
});

test("an allowing answer opens once, for the credential that was asked about; a refusing one opens nothing", async () => {
  const bench = await readyBench();
  const show = (cred: string): string => {
    expect(bench.lock.show({ cred, gen: 1 }, () => "A".repeat(86))).toBe(true);
    return bench.asks().findLast((ask) => ask.kind === "credential")?.challenge ?? "";
  };
  const answer = bench.hub.allow(show("credential-1"), bench.now());
  expect(bench.hear("ans", answer)).toEqual({ taken: true });
  expect(bench.hear("ans", answer)).toEqual({ taken: false, reason: "BAD_CHALLENGE" });
  await bench.pass(3_000);
  const other = bench.hub.allow(show("credential-2"), bench.now());
  expect(bench.hear("ans", other)).toEqual({ taken: false, reason: "BAD_CHALLENGE" });
  const { tenant, unit } = bench.hub.commission;
  const challenge = show("credential-1");
  const exp = bench.now() + 10_000;
  const no = bench.hub.sign("ans", { v: 1, kind: "deny", tenant, unit, challenge, exp });
  expect(bench.hear("ans", no)).toEqual({ taken: true });
  expect(bench.hear("cmd", bench.hub.cmd(bench.now(), { challenge }))).toMatchObject({ taken: false });
  expect(await bench.runs()).toHaveLength(1);
});

test("a credential denied at its generation or above is refused, a later generation opens", async () => {
  const bench = await readyBench();
  bench.hear("deny", bench.hub.deny(3, [{ cred: "credential-1", gen: 2, until: bench.now() + 60_000 }]));
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { gen: 1 }))).toBe("DENIED");
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { gen: 2 }))).toBe("DENIED");
  expect(verdictOn(bench, bench.hub.cmd(bench.now(), { gen: 3 }))).toBe("taken");
});

test("a flood is dropped, and a flood of acks leaves enough for a command", async () => {
  const bench = await readyBench();
  await bench.pass(5_000);
  const forged = new BenchHub(bench.hub.commission);
  const acks = Array.from({ length: 100 }, () => bench.hear("ack", forged.ack(1, 1)));
  expect(acks.filter((verdict) => !verdict.taken && verdict.reason === "FLOODED")).toHaveLength(90);
  expect(verdictOn(bench, bench.hub.cmd(bench.now()))).toBe("taken");
  const commands = Array.from({ length: 100 }, () => verdictOn(bench, forged.cmd(bench.now())));
  expect(commands.filter((reason) => reason === "FLOODED")).toHaveLength(96);
  await bench.pass(1_000);
  expect(verdictOn(bench, bench.hub.cmd(bench.now()))).toBe("taken");
});

test("refusals are told in sums: at once, then after ten seconds, with the ids of authentic commands", async () => {
  const bench = await readyBench();
  const expired = bench.hub.order(bench.now() - 60_000);
  verdictOn(bench, bench.hub.sign("cmd", expired));
  await bench.settle();
  for (let more = 0; more < 40; more += 1) verdictOn(bench, new Uint8Array([more]));
  await bench.pass(9_000);
  const told = () => bench.events().filter((event) => event.kind === "refused");
  const unique = () => [...new Map(told().map((event) => [event.seq, event])).values()];
  expect(unique()).toHaveLength(1);
  expect(unique()[0]).toMatchObject({ counts: { EXPIRED: 1 }, commands: [{ id: expired.id, reason: "EXPIRED" }] });
  await bench.pass(2_000);
  expect(unique()).toHaveLength(2);
  expect(unique()[1]).toMatchObject({ counts: { MALFORMED: 40 }, commands: [] });
});
