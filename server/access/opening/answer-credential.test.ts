import { generateKeyPairSync, sign } from "node:crypto";
import { askProofText, toBase64url } from "@portner/schema/mqtt";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { silentLog } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { SIGN_WITHIN_MS } from "../../locks/dispatch.ts";
import { credentialsByIds } from "../../people/index.ts";
import { JAMS, OpeningStage } from "../../simulation/opening-stage.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { startAccessHub, type AccessHub } from "../../simulation/access-hub.ts";
import { placeBlock } from "../block.ts";
import { answerCredential, type AnswerDeps, type TimedAsk } from "./answer-credential.ts";
import type { CredentialAsk } from "./answer-item.ts";

const ENDED_MS = 5_000;
const { publicKey, privateKey } = generateKeyPairSync("ed25519");

/** How late a hub hears of a block that it is to decide without. */
const LATE_MS = 300;

let stage: OpeningStage;
let deps: AnswerDeps;

beforeAll(async () => {
  stage = await OpeningStage.open();
  deps = depsOf(stage.hub);
  const key = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  // Credential 1 is the carer's of lock 1; credential 3 another one's of the same bundle.
  await stage.db.database.raw`UPDATE credential SET public_key = ${key} WHERE id = 1`;
});
afterAll(() => stage.close());
afterEach(() => {
  stage.behaviours.clear();
  stage.sent.length = 0;
  stage.outcomes.length = 0;
  stage.signedAfterMs = 0;
  stage.frozenAt = undefined;
  stage.connected = true;
});

function depsOf(hub: AccessHub): AnswerDeps {
  const { signer, publisher } = stage;
  return { ...stage.deps(hub), tables: stage.db.database.tables, log: silentLog, signer, publisher };
}

/** Credential 1, shown at a lock with its proof. */
async function shownAt(lock: number): Promise<CredentialAsk> {
  const [row] = await credentialsByIds(stage.db.database.tables, [1]);
  const challenge = toBase64url(systemRandom.bytes(16));
  const { unitId } = stage.lock(lock);
  const proof = toBase64url(sign(null, askProofText(unitId, challenge), privateKey));
  const gen = row?.generation ?? 0;
  const asked = { boot: 1, at: Date.now(), cred: row?.publicId ?? "", gen };
  return { v: 1, kind: "credential", unit: unitId, challenge, proof, ...asked };
}

/** A question that was asked just now. */
function timed(ask: CredentialAsk): TimedAsk {
  return { ask, decideBy: systemClock.monotonic() + ENDED_MS };
}

/** Shows the credential and answers what the journal says of it, once it has said as much. */
async function told(lock: number, entries: number, by = deps): Promise<readonly (readonly [string, unknown])[]> {
  const before = (await stage.entries()).length;
  await answerCredential(by, stage.lock(lock), timed(await shownAt(lock)));
  const said = async () => (await stage.entries()).slice(before);
  expect(await pollUntil(async () => (await said()).length >= entries, ENDED_MS)).toBe(true);
  return (await said()).map(({ kind, data }) => [kind, data] as const);
}

test("a credential at its owner's door opens it: answered through the dispatcher, durable first, and followed to its end", async () => {
  const entries = await told(1, 5);
  const kinds = entries.map(([kind]) => kind);
  expect(kinds.slice(0, 2)).toEqual(["answer.given", "command.authorised"]);
  expect(kinds.slice(2, 4).toSorted()).toEqual(["command.sent", "lock.moved"]);
  expect(entries.find(([kind]) => kind === "command.sent")?.[1]).toMatchObject({ challenged: true });
  expect(entries[4]).toMatchObject(["opening.finished", { outcome: "complete", stoppedAt: null, cause: null }]);
  expect(stage.sent).toMatchObject([{ lock: 1, channel: "ans" }]);
});

test("an answer that would be signed too late is not signed, and is recorded as abandoned", async () => {
  stage.frozenAt = Date.now();
  stage.signedAfterMs = SIGN_WITHIN_MS + 1;
  const entries = await told(1, 4);
  expect(entries.map(([kind]) => kind).slice(0, 2)).toEqual(["answer.given", "command.authorised"]);
  expect(entries[2]).toMatchObject(["command.abandoned", { cause: "TOO_LATE" }]);
  expect(entries[3]).toMatchObject(["opening.finished", { outcome: "partial", cause: "abandoned" }]);
  expect(stage.sent).toEqual([]);
});

test("an answer that the broker never got is recorded as abandoned", async () => {
  stage.connected = false;
  const entries = await told(1, 4);
  expect(entries[2]).toMatchObject(["command.abandoned", { cause: "HUB_OFFLINE" }]);
});

test("a door that jams ends the answer's operation, and says so", async () => {
  stage.behaviours.set(1, JAMS);
  const entries = await told(1, 5);
  expect(entries[4]).toMatchObject(["opening.finished", { outcome: "partial", cause: "jammed" }]);
});

test("a decision that the journal finds stale is made anew before the question dies", async () => {
  const late = await startAccessHub(stage.db.url, { listen: false, delayMs: () => LATE_MS });
  const lateDeps = depsOf(late);
  const subject = { type: "credential" as const, id: 12 };
  await placeBlock({ tenant: 1, subject, actor: null, reason: null }, { ...stage.hub.deps, poke: () => undefined });
  const entries = await told(1, 5, lateDeps);
  expect(entries.map(([kind]) => kind)).toContain("lock.moved");
  expect(stage.outcomes).toContain("stale");
  await late.stop();
});

test("a unit that is not the one that decisions stand on is refused, and so is a door that is not the owner's", async () => {
  const held = stage.lock(1);
  stage.registry.put({ ...held, unit: 99, unitId: "unit-swapped-0099" });
  expect(await told(1, 1)).toMatchObject([["answer.refused", { reasons: ["INDEX_STALE"] }]]);
  stage.registry.put(held);
  expect(await told(2, 1)).toMatchObject([["answer.refused", { reasons: ["NO_BASIS"] }]]);
  expect(stage.sent).toMatchObject([
    { channel: "ans", id: undefined },
    { channel: "ans", id: undefined },
  ]);
});

test("a proof by another key, over another challenge or of another generation is of no known credential", async () => {
  const ask = await shownAt(1);
  const other = generateKeyPairSync("ed25519").privateKey;
  const forged = toBase64url(sign(null, askProofText(ask.unit, ask.challenge), other));
  const again = toBase64url(systemRandom.bytes(16));
  for (const bad of [
    { ...ask, proof: forged },
    { ...ask, challenge: again },
    { ...(await shownAt(1)), gen: 7 },
  ]) {
    const before = (await stage.entries()).length;
    await answerCredential(deps, stage.lock(1), timed(bad));
    const said = (await stage.entries()).slice(before);
    expect(said).toMatchObject([{ kind: "answer.refused", data: { reasons: ["CREDENTIAL_UNKNOWN"] } }]);
    expect(said[0]?.credential).toBeUndefined();
  }
  expect(stage.sent.every(({ id }) => id === undefined)).toBe(true);
});

test("a question that was answered is not answered again", async () => {
  const ask = await shownAt(1);
  await answerCredential(deps, stage.lock(1), timed(ask));
  const before = stage.sent.length;
  await answerCredential(deps, stage.lock(1), timed(ask));
  expect(stage.sent).toHaveLength(before);
  expect(stage.outcomes).toContain("repeated");
});

test("a question that gets too old while it is decided is neither answered nor written down", async () => {
  const before = (await stage.entries()).length;
  for (const lock of [1, 2]) {
    const asked = { ask: await shownAt(lock), decideBy: systemClock.monotonic() - 1 };
    expect(await answerCredential(deps, stage.lock(lock), asked)).toBe("TOO_OLD");
  }
  expect(await stage.entries()).toHaveLength(before);
  expect(stage.sent).toEqual([]);
});
