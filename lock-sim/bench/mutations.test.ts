import { expect, test } from "vitest";
import { seededRandom } from "../ground/random.ts";
import { Bench } from "./bench.ts";
import { makeHubKey, type HubKey } from "./hub.ts";
import { HOSTILE_KINDS, makeStrangers, nextHostile, type Loot } from "./mutations.ts";

const COUNT = Number(process.env["PORTNER_MUTATIONS"] ?? 200_000);
const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000_000);
/** Virtual time between two messages: a little more than a lock may verify in it, so that none is dropped unread. */
const PACE_MS = 250;
/** Messages between two commands that must open. */
const CONTROL_EVERY = Math.max(100, Math.floor(COUNT / 100));
/** Controls between two losses of power. */
const REBOOT_EVERY = 10;
const DENIED = "credential-lost";

class Assault {
  readonly random = seededRandom(SEED);
  readonly strangers = makeStrangers();
  readonly obeyed: Uint8Array[] = [];
  readonly reasons = new Map<string, Set<string>>();
  readonly bench: Bench;
  retiredKey: HubKey = makeHubKey("command-key-0");
  readonly faults: string[] = [];
  opened = 0;
  #fresh: Loot["fresh"] | undefined;
  #freshUntil = 0;

  constructor(bench: Bench) {
    this.bench = bench;
  }

  strike(): void {
    const { bench, random, strangers, obeyed, retiredKey } = this;
    bench.clock.advance(PACE_MS);
    const loot = {
      random,
      hub: bench.hub,
      now: bench.now(),
      fresh: this.#freshCommand(),
      obeyed,
      retiredKey,
      strangers,
    };
    const hostile = nextHostile({ ...loot, deniedCredential: DENIED });
    const verdict = bench.hear(hostile.channel ?? "cmd", hostile.bytes, hostile.retained);
    if (verdict.taken) return void this.faults.push(`taken: ${hostile.kind}`);
    this.reasons.set(hostile.kind, (this.reasons.get(hostile.kind) ?? new Set()).add(verdict.reason));
  }

  async control(): Promise<void> {
    const { bench } = this;
    await bench.pass(2_000);
    bench.ackAll();
    const bytes = bench.hub.cmd(bench.now());
    const verdict = bench.hear("cmd", bytes);
    if (!verdict.taken) this.faults.push(`control refused: ${verdict.reason}`);
    this.obeyed.push(bytes);
    this.opened += 1;
    await bench.pass(2_000);
    bench.ackAll();
    bench.sent.length = 0;
  }

  async reboot(): Promise<void> {
    await this.bench.reboot();
    for (const bytes of this.obeyed.slice(-20)) {
      this.bench.clock.advance(PACE_MS);
      if (this.bench.hear("cmd", bytes).taken) this.faults.push("taken: replayed after a loss of power");
    }
    this.bench.connect();
    await this.bench.settle();
  }

  rotate(): void {
    const { bench } = this;
    const { hub } = bench;
    const next = makeHubKey("command-key-2");
    this.retiredKey = hub.command;
    hub.command = next;
    const keys = [
      { kid: next.kid, purpose: "command" as const, key: next.key },
      { kid: hub.permit.kid, purpose: "permit" as const, key: hub.permit.key },
    ];
    const verdict = bench.hear("cfg", hub.cfg({ version: 2, keys }));
    if (!verdict.taken) this.faults.push(`rotation refused: ${verdict.reason}`);
    this.#fresh = undefined;
  }

  #freshCommand(): Loot["fresh"] {
    const { bench } = this;
    if (this.#fresh === undefined || bench.now() > this.#freshUntil) {
      const order = bench.hub.order(bench.now());
      this.#fresh = { order, bytes: bench.hub.sign("cmd", order) };
      this.#freshUntil = bench.now() + 5_000;
    }
    return this.#fresh;
  }
}

test(`${COUNT} spoilt, stolen and stale commands move nothing and crash nothing, and every good one in between opens (seed ${SEED})`, async () => {
  const bench = await Bench.ready();
  try {
    const assault = new Assault(bench);
    const until = bench.now() + COUNT * 1_000;
    expect(bench.hear("deny", bench.hub.deny(1, [{ cred: DENIED, gen: 5, until }]))).toEqual({ taken: true });
    await assault.control();
    for (let struck = 1; struck <= COUNT; struck += 1) {
      assault.strike();
      if (struck % 100 === 0) await bench.settle();
      if (struck === Math.floor(COUNT / 2)) assault.rotate();
      if (struck % CONTROL_EVERY === 0) await assault.control();
      if (struck % (CONTROL_EVERY * REBOOT_EVERY) === 0) await assault.reboot();
    }
    expect(assault.faults).toEqual([]);
    const runs = (await bench.runs()).filter((run) => run.cause !== "relock");
    expect(runs).toHaveLength(assault.opened);
    expect(new Set(runs.map((run) => run.cmd)).size).toBe(assault.opened);
    expect([...assault.reasons.values()].some((reasons) => reasons.has("FLOODED"))).toBe(false);
    expect(assault.reasons.size).toBe(HOSTILE_KINDS);
  } finally {
    await bench.remove();
  }
}, 300_000);
