import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { verifies, verifierOfDigest } from "../mqtt/verifier.ts";
import { signedClaim, unitKeyPair } from "../simulation/claim.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { CLAIM_ANSWERS_MAX, CLAIM_REPEAT_MS, commission, type CommissionInput } from "./commission.ts";
import { Keyring } from "./keyring.ts";

let town: TownDatabase;
const keyring = new Keyring();
let nextPlace = 0;
/** What the broker was told last of each lock. */
const admitted = new Map<string, Uint8Array>();

beforeAll(async () => {
  town = await townDatabase({ locks: 30 });
  await keyring.load(town.database.tables, town.sealing);
});
afterAll(() => town.drop());

function place(): { readonly serial: string; readonly claim: string } {
  const { serial = "", claim = "" } = town.world.locks[nextPlace] ?? {};
  nextPlace += 1;
  return { serial, claim };
}

function commissioned(input: CommissionInput, clock: Clock = systemClock) {
  const { database, hub } = town;
  const publishCredential = ({ lockId, secretDigest }: { lockId: string; secretDigest: Uint8Array }) => {
    admitted.set(lockId, secretDigest);
    return Promise.resolve();
  };
  return commission({ database, hub, clock, random: systemRandom, keyring, publishCredential }, input);
}

const later = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() + ms });
const refused = (failure: string) => ({ ok: false, failure });

async function entriesOf(serial: string): Promise<number> {
  const [row] = await town.database.raw<{ count: number }[]>`
    SELECT count(*)::integer FROM journal JOIN lock ON lock.id = journal.lock
    WHERE lock.serial = ${serial} AND kind = 'unit.commissioned'`;
  return row?.count ?? 0;
}

test("power lost before the answer was stored: the same key claims anew and gets the same unit, the old secret ends", async () => {
  const at = place();
  const pair = unitKeyPair();
  const lost = await commissioned(signedClaim(at, pair));
  const again = await commissioned(signedClaim(at, pair));
  if (!lost.ok || !again.ok) return expect.unreachable("the unit was not commissioned");
  expect({ ...again.value, brokerSecret: "" }).toEqual({ ...lost.value, brokerSecret: "" });
  const verifier = verifierOfDigest(admitted.get(again.value.lock) ?? new Uint8Array());
  expect(await verifies(verifier, Buffer.from(again.value.brokerSecret))).toBe(true);
  expect(await verifies(verifier, Buffer.from(lost.value.brokerSecret))).toBe(false);
  expect(await entriesOf(at.serial)).toBe(1);
});

test("two tries of one unit at the same time give one unit", async () => {
  const at = place();
  const pair = unitKeyPair();
  const both = await Promise.all([commissioned(signedClaim(at, pair)), commissioned(signedClaim(at, pair))]);
  expect(new Set(both.map((done) => (done.ok ? done.value.unit : done.failure))).size).toBe(1);
  expect(await entriesOf(at.serial)).toBe(1);
});

test("another key with the same claim is refused, before and after the unit is commissioned", async () => {
  const at = place();
  const own = signedClaim(at);
  const stranger = signedClaim(at);
  // A claim that was overheard: the stranger's key under the unit's own proof, and the unit's key under the stranger's.
  expect(await commissioned({ ...own, publicKey: stranger.publicKey })).toEqual(refused("PROOF_REFUSED"));
  expect(await commissioned({ ...own, proof: stranger.proof })).toEqual(refused("PROOF_REFUSED"));
  expect((await commissioned(own)).ok).toBe(true);
  expect(await commissioned(stranger)).toEqual(refused("CLAIM_REFUSED"));
  expect(await commissioned(signedClaim({ ...at, claim: "wrong" }))).toEqual(refused("CLAIM_REFUSED"));
});

test("the proof is over every field", async () => {
  const input = signedClaim(place());
  const others = { serial: "X", claim: "x", model: "X", firmware: "2", nonce: "A".repeat(22) };
  for (const [field, value] of Object.entries(others)) {
    expect(await commissioned({ ...input, [field]: value })).toEqual(refused("PROOF_REFUSED"));
  }
  expect((await commissioned(input)).ok).toBe(true);
});

test("a replayed claim gives no secrets, however often the unit itself has asked since", async () => {
  const at = place();
  const pair = unitKeyPair();
  const first = signedClaim(at, pair);
  const second = signedClaim(at, pair);
  expect((await commissioned(first)).ok).toBe(true);
  expect(await commissioned(first)).toEqual(refused("CLAIM_REFUSED"));
  expect((await commissioned(second)).ok).toBe(true);
  for (const heard of [first, second]) expect(await commissioned(heard)).toEqual(refused("CLAIM_REFUSED"));
});

test("a claim is closed ten minutes after it was used", async () => {
  const at = place();
  const pair = unitKeyPair();
  expect((await commissioned(signedClaim(at, pair))).ok).toBe(true);
  expect((await commissioned(signedClaim(at, pair), later(CLAIM_REPEAT_MS - 5_000))).ok).toBe(true);
  // The answer just before the end does not begin the time anew.
  expect(await commissioned(signedClaim(at, pair), later(CLAIM_REPEAT_MS + 1_000))).toEqual(refused("CLAIM_CLOSED"));
});

test("a claim is closed by the unit's first signed word", async () => {
  const at = place();
  const pair = unitKeyPair();
  const done = await commissioned(signedClaim(at, pair));
  const unit = done.ok ? done.value.unit : "";
  await town.database.raw`
    INSERT INTO lock_boot (unit, boot, contiguous_sequence) SELECT id, 1, 1 FROM lock_unit WHERE public_id = ${unit}`;
  expect(await commissioned(signedClaim(at, pair))).toEqual(refused("CLAIM_CLOSED"));
});

test("a claim is answered so many times and no more", async () => {
  const at = place();
  const pair = unitKeyPair();
  for (let answers = 0; answers < CLAIM_ANSWERS_MAX; answers += 1) {
    expect((await commissioned(signedClaim(at, pair))).ok).toBe(true);
  }
  expect(await commissioned(signedClaim(at, pair))).toEqual(refused("CLAIM_CLOSED"));
});

test("a claim that a unit has used opens the place to no later unit, even where a file names it again", async () => {
  const at = place();
  expect((await commissioned(signedClaim(at))).ok).toBe(true);
  await town.database.raw`
    UPDATE lock_unit SET decommissioned_at = now() FROM lock WHERE lock.id = lock_unit.lock AND serial = ${at.serial}`;
  await town.database.raw`
    UPDATE lock SET claim_digest = (SELECT u.claim_digest FROM lock_unit u WHERE u.lock = lock.id) WHERE serial = ${at.serial}`;
  expect(await commissioned(signedClaim(at))).toEqual(refused("CLAIM_REFUSED"));
});

test("a key that is another unit's is refused, and what is no key", async () => {
  const pair = unitKeyPair();
  expect((await commissioned(signedClaim(place(), pair))).ok).toBe(true);
  const other = signedClaim(place(), pair);
  expect(await commissioned(other)).toEqual(refused("KEY_IN_USE"));
  expect(await commissioned({ ...other, publicKey: "short" })).toEqual(refused("PUBLIC_KEY_INVALID"));
});
