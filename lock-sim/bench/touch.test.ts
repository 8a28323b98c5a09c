import { sign } from "node:crypto";
import { permitProofText, type PermitMessage } from "@portner/schema/mqtt";
import { afterEach, expect, test } from "vitest";
import { Bench } from "./bench.ts";
import { makeHubKey } from "./hub.ts";
import type { Verdict } from "../firmware/commands.ts";

const smartkey = makeHubKey("smartkey-1");
const benches: Bench[] = [];

async function readyBench(options: ConstructorParameters<typeof Bench>[0] = {}): Promise<Bench> {
  const bench = await Bench.ready(options);
  benches.push(bench);
  bench.hear("deny", bench.hub.deny(1, []));
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

function proofOf(challenge: string, permit = "permit-one", by = smartkey): string {
  return sign(null, Buffer.from(permitProofText("unit-one-1", challenge, permit)), by.secret).toString("base64url");
}

async function touch(bench: Bench, change: Partial<PermitMessage> = {}): Promise<string> {
  const challenge = bench.lock.touchChallenge() ?? "";
  const permit = bench.hub.permitFor(smartkey.key, bench.now(), change);
  return short(await bench.lock.touch({ permit, challenge, proof: proofOf(challenge) }));
}

function short(verdict: Verdict): string {
  return verdict.taken ? "taken" : verdict.reason;
}

test("a permit with its smartkey opens without a hub, the entry on flash before the motor runs", async () => {
  const bench = await readyBench();
  bench.disconnect();
  expect(await touch(bench)).toBe("taken");
  expect([...bench.flash.ring.kept()].some((text) => text.includes('"kind":"entry"'))).toBe(true);
  await bench.pass(3_000);
  expect(await bench.runs()).toMatchObject([{ cause: "permit", permit: "permit-one" }]);
});

test("each check of a permit refuses with its own reason, and nothing moves", async () => {
  const bench = await readyBench();
  const now = bench.now();
  const cases: readonly (readonly [string, Partial<PermitMessage>])[] = [
    ["WRONG_TENANT", { tenant: "tenant-two" }],
    ["LIFE_TOO_LONG", { iat: now, exp: now + 259_200_001 }],
    ["NOT_YET_VALID", { iat: now + 60_000, exp: now + 120_000 }],
    ["EXPIRED", { iat: now - 60_000, exp: now + 700 }],
    ["NOT_GRANTED", { grants: [{ bundle: "bundle-two", from: now, to: now + 60_000 }] }],
    ["NOT_GRANTED", { grants: [{ path: "path-one", from: now - 60_000, to: now }] }],
    ["BAD_PROOF", { id: "permit-two" }],
    ["BAD_PROOF", { cnf: makeHubKey("other-key").key }],
  ];
  for (const [reason, change] of cases) {
    await bench.pass(200);
    expect(await touch(bench, change)).toBe(reason);
  }
  await bench.pass(2_000);
  const challenge = bench.lock.touchChallenge() ?? "";
  const permit = bench.hub.permitFor(smartkey.key, bench.now());
  expect(short(await bench.lock.touch({ permit, challenge: "A".repeat(22), proof: proofOf(challenge) }))).toBe(
    "BAD_CHALLENGE",
  );
  const forged = bench.hub.sign("permit", permitOf(bench), bench.hub.command);
  expect(short(await bench.lock.touch({ permit: forged, challenge, proof: proofOf(challenge) }))).toBe("UNKNOWN_KEY");
  expect(await bench.runs()).toEqual([]);
});

function permitOf(bench: Bench): PermitMessage {
  const now = bench.now();
  const { tenant } = bench.hub.commission;
  const grants = [{ bundle: "bundle-one", from: now, to: now + 1_000 }];
  return {
    v: 1,
    id: "permit-one",
    tenant,
    cred: "credential-1",
    gen: 1,
    cnf: smartkey.key,
    grants,
    iat: now,
    exp: now + 1_000,
  };
}

test("a permit is refused while the clock is untrusted, and when its credential is denied", async () => {
  const untrusted = await readyBench({ tellsTime: false });
  expect(await touch(untrusted)).toBe("CLOCK_UNTRUSTED");
  const bench = await readyBench();
  bench.hear("deny", bench.hub.deny(2, [{ cred: "credential-1", gen: 1, until: bench.now() + 60_000 }]));
  expect(await touch(bench)).toBe("DENIED");
  expect(await touch(bench, { gen: 2 })).toBe("taken");
});

test("after connecting a lock waits for the deny document before a permit opens, five seconds at most", async () => {
  const bench = await readyBench();
  bench.connect();
  const denied = touch(bench);
  await bench.settle();
  bench.hear("deny", bench.hub.deny(2, [{ cred: "credential-1", gen: 1, until: bench.now() + 60_000 }]));
  expect(await denied).toBe("DENIED");
  bench.connect();
  const waiting = touch(bench, { gen: 2 });
  let isOver = false;
  void waiting.then(() => (isOver = true));
  await bench.pass(4_999);
  expect(isOver).toBe(false);
  await bench.pass(1);
  expect(await waiting).toBe("taken");
});
