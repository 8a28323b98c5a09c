import { afterAll, beforeAll, expect, test } from "vitest";
import { globalIdText } from "../graphql/scalars.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { signClaims, startIdentityWorld, type IdentityWorld, type TestPhone } from "../simulation/identity-world.ts";
import { createAccount } from "./accounts.ts";
import { openPhoneSession, SESSIONS_OPEN_MAX, SESSIONS_OPENED_MAX, SESSIONS_WINDOW_MS } from "./open-session.ts";
import { renewByProof } from "./renew-session.ts";
import { signIn, SIGN_IN_TRIES_MAX } from "./sign-in.ts";
import { openBeyond } from "./store/sessions.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
});
afterAll(() => world.stop());

/** A renewal's proof, signed this long after now. */
function proofOf({ key, publicId }: TestPhone, afterMs = 0): string {
  const claims = { iat: world.clock.now() + afterMs, cred: globalIdText("Credential", publicId) };
  return signClaims(key, "renew", claims);
}

/** What some of two hubs' answers were, in order of their names. */
async function outcomes(asked: readonly ReturnType<typeof renewByProof>[]): Promise<string[]> {
  const answers = await Promise.all(asked);
  return answers.map((answer) => (answer.ok ? "opened" : answer.failure.code)).toSorted();
}

test("a proof is good for one session, on however many hubs it is shown at once, and another one for another", async () => {
  const phone = await world.addPhone();
  const proof = proofOf(phone);
  const other = { ...world.deps, hub: newId(systemRandom) };
  const shown = [world.deps, other, world.deps, other].map((deps) => renewByProof(deps, proof));
  expect(await outcomes(shown)).toEqual(["PROOF_USED", "PROOF_USED", "PROOF_USED", "opened"]);
  // A clock that was set back has lost nothing.
  expect(await outcomes([renewByProof(world.deps, proofOf(phone, -30_000))])).toEqual(["opened"]);
  expect(await outcomes([renewByProof(other, proof)])).toEqual(["PROOF_USED"]);
  expect(await outcomes([renewByProof(world.deps, proofOf(await world.addPhone()))])).toEqual(["opened"]);
});

test("a phone opens so many sessions within the window, by proof or session, at once or in turn, and others theirs", async () => {
  const phone = await world.addPhone();
  const proofs = Array.from({ length: SESSIONS_OPENED_MAX }, (_, at) => proofOf(phone, at));
  const opened = await outcomes([
    openPhoneSession(world.deps, phone.credential),
    openPhoneSession(world.deps, phone.credential),
    ...proofs.map((proof) => renewByProof(world.deps, proof)),
  ]);
  expect(opened.filter((outcome) => outcome === "opened")).toHaveLength(SESSIONS_OPENED_MAX);
  const refused = { ok: false, failure: { code: "TOO_MANY_SESSIONS", retryAfterMs: SESSIONS_WINDOW_MS } };
  expect(await renewByProof(world.deps, proofOf(phone, 100))).toEqual(refused);
  expect(await openPhoneSession(world.deps, phone.credential)).toEqual(refused);
  expect(await outcomes([renewByProof(world.deps, proofOf(await world.addPhone()))])).toEqual(["opened"]);
  world.clock.advance(SESSIONS_WINDOW_MS);
  expect(await outcomes([renewByProof(world.deps, proofOf(phone))])).toEqual(["opened"]);
});

test("a proof that is shown again and again takes nothing from its phone's sessions", async () => {
  const phone = await world.addPhone();
  const proof = proofOf(phone);
  for (let at = 0; at <= SESSIONS_OPENED_MAX; at += 1) await renewByProof(world.deps, proof);
  expect(await outcomes([renewByProof(world.deps, proofOf(phone, 1))])).toEqual(["opened"]);
});

test("a phone has so many open sessions, of which the oldest ends for a newer one, and is told as ended", async () => {
  const phone = await world.addPhone();
  const opened: number[] = [];
  for (let at = 0; at < SESSIONS_OPEN_MAX + 2; at += 1) {
    const renewed = await renewByProof(world.deps, proofOf(phone));
    if (renewed.ok) opened.push(renewed.value.session);
    world.clock.advance(SESSIONS_WINDOW_MS / SESSIONS_OPENED_MAX);
  }
  const { tables, raw } = world.db.database;
  const open = await openBeyond(tables, phone, { kept: 0, at: new Date(world.clock.now()) });
  expect(open).toEqual(opened.slice(2).toReversed());
  const told = await raw<{ sessions: number[] }[]>`
    SELECT data -> 'sessions' AS sessions FROM journal WHERE kind = 'session.ended' AND data ->> 'cause' = 'REPLACED'
    AND tenant = ${world.tenant} ORDER BY seq`;
  expect(told.flatMap(({ sessions }) => sessions).filter((session) => opened.includes(session))).toEqual(
    opened.slice(0, 2),
  );
});

test("an account signs in so often within the window, and is told when it may again, however often it tries", async () => {
  const [login, password] = ["often@fjordby.example", "a long enough one"];
  const roles = [{ role: "L", department: world.department }] as const;
  await createAccount(world.deps, { tenant: world.tenant, login, name: login, password, roles });
  for (let at = 0; at < SESSIONS_OPENED_MAX; at += 1) {
    expect(await signIn(world.deps, { network: "192.0.2.1", login, password })).toMatchObject({ ok: true });
  }
  const refused = { ok: false, failure: { code: "TOO_MANY_TRIES", retryAfterMs: SESSIONS_WINDOW_MS } };
  // One more than there may be tries at a login.
  for (let at = 0; at <= SIGN_IN_TRIES_MAX; at += 1) {
    expect(await signIn(world.deps, { network: "192.0.2.1", login, password })).toEqual(refused);
  }
  world.clock.advance(SESSIONS_WINDOW_MS);
  expect(await signIn(world.deps, { network: "192.0.2.1", login, password })).toMatchObject({ ok: true });
});
