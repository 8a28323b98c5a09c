import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimProofText, UnitClaim } from "@portner/schema/mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { isSignedBy, readPublicKey } from "../firmware/keys.ts";
import { systemClock, wallTime } from "../ground/clock.ts";
import { systemRandom } from "../ground/random.ts";
import { commissionUnit } from "./commission.ts";
import { Unit, type UnitDeps } from "./unit.ts";

const Call = z.object({ variables: z.object({ input: UnitClaim.extend({ proof: z.string() }) }) });
const PAPERS = { serial: "F3-1", claim: "claim-1", model: "F3" };
const GIVEN = {
  ...{ tenant: "tenant-1", lock: "lock-0001", unit: "unit-0001", brokerUrl: "mqtt://127.0.0.1:1", brokerSecret: "s" },
  ...{ rootKey: { kid: "root-key-1", key: "A".repeat(43) }, telemetryKey: "B".repeat(43) },
};

let folder: string;
let server: Server;
let url: string;
let heard: z.infer<typeof Call>["variables"]["input"][] = [];
/** Answers that get lost on the way, before one arrives. */
let lost = 0;
let answer: object = {};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "portner-sim-claim-"));
  heard = [];
  lost = 0;
  answer = { __typename: "CommissionLockUnitSuccess", ...GIVEN };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      heard.push(Call.parse(JSON.parse(Buffer.concat(chunks).toString("utf8"))).variables.input);
      lost -= 1;
      if (lost >= 0) return response.destroy();
      return response.end(JSON.stringify({ data: { commissionLockUnit: answer } }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function openUnit(): Promise<Unit> {
  const deps: UnitDeps = {
    ...{ clock: systemClock, wall: wallTime, random: systemRandom, chance: systemRandom, speed: 1 },
    ...{ brokerUrl: undefined, hasVisitors: false, told: () => undefined },
  };
  return Unit.open({ serial: PAPERS.serial, folder, behaviours: [] }, deps);
}

async function claimFor(unit: Unit) {
  const tools = { random: systemRandom, signal: AbortSignal.timeout(10_000) };
  return commissionUnit(url, { ...PAPERS, pair: await unit.keyPair() }, tools);
}

test("every try to be commissioned has a proof of its own by one key", async () => {
  const unit = await openUnit();
  lost = 2;
  expect(await claimFor(unit)).toEqual(GIVEN);
  expect(heard).toHaveLength(3);
  expect(new Set(heard.map(({ nonce }) => nonce)).size).toBe(3);
  const [key = ""] = new Set(heard.map(({ publicKey }) => publicKey));
  for (const { proof, ...said } of heard) {
    const signer = readPublicKey(key);
    expect(signer !== undefined && isSignedBy(signer, claimProofText(said), Buffer.from(proof, "base64url"))).toBe(
      true,
    );
  }
  await unit.close();
});

test("power lost between the answer and its being stored: the unit claims again with the key it had", async () => {
  const before = await openUnit();
  await claimFor(before);
  await before.close();
  const after = await openUnit();
  expect(await after.commission()).toBeUndefined();
  await after.keepCommission(await claimFor(after));
  await after.close();
  const [first, second] = heard;
  expect(second?.publicKey).toBe(first?.publicKey);
  expect(second?.nonce).not.toBe(first?.nonce);
  const restarted = await openUnit();
  expect(await restarted.commission()).toEqual(GIVEN);
  await restarted.close();
});

test("a unit whose claim is closed says so and does not try again", async () => {
  const unit = await openUnit();
  answer = { __typename: "ForbiddenError", code: "CLAIM_CLOSED", message: "closed" };
  await expect(claimFor(unit)).rejects.toMatchObject({ code: "CLAIM_CLOSED" });
  expect(heard).toHaveLength(1);
  await unit.close();
});
