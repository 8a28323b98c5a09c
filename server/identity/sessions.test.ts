import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { block, person } from "@portner/drizzle";
import { eq } from "drizzle-orm";
import { globalIdText } from "../graphql/scalars.ts";
import { append, newEntry } from "../journal/index.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import {
  requestProof,
  signClaims,
  startIdentityWorld,
  type IdentityWorld,
  type TestPhone,
} from "../simulation/identity-world.ts";
import { ALLOWANCES } from "./allowances.ts";
import { changeAccount, createAccount, setRule } from "./accounts.ts";
import { sessionCookie } from "./cookie.ts";
import { createEndSessions, signOut } from "./end-session.ts";
import { openDashboardSession, openPhoneSession, type OpenedSession } from "./open-session.ts";
import type { Principal } from "./principal.ts";
import { renewByProof } from "./renew-session.ts";
import { endOpenSessions } from "./store/sessions.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
});
afterAll(() => world.stop());

async function who(headers: Record<string, string>, body = "", secure = false): Promise<Principal | string> {
  const header = (name: string): string | undefined => headers[name];
  const found = await world.authenticate({ header, body: Buffer.from(body), secure, address: "192.0.2.1" });
  return found.ok ? found.value : found.failure.code;
}

async function kindOf(headers: Record<string, string>, body?: string): Promise<string> {
  const found = await who(headers, body);
  return typeof found === "string" ? found : found.kind;
}

function phoneHeaders(phone: TestPhone, session: OpenedSession, body = "", iat = world.clock.now()) {
  return {
    authorization: `Bearer ${session.token}`,
    "portner-proof": requestProof(phone.key, session.token, iat, body),
  };
}

async function phoneSession(): Promise<{ phone: TestPhone; session: OpenedSession }> {
  const phone = await world.addPhone();
  const opened = await openPhoneSession(world.deps, phone.credential);
  if (!opened.ok) throw new InvariantError(opened.failure.code);
  return { phone, session: opened.value };
}

async function dashboard(login: string): Promise<{ publicId: string; session: OpenedSession; cookie: string }> {
  const account = await createAccount(world.deps, {
    tenant: world.tenant,
    login,
    name: login,
    password: "a long enough one",
    roles: [{ role: "L", department: world.department }],
  });
  if (!account.ok) throw new InvariantError(account.failure.code);
  const opened = await openDashboardSession(world.deps, account.value.id);
  if (!opened.ok) throw new InvariantError(opened.failure.code);
  return { publicId: account.value.publicId, session: opened.value, cookie: `portner=${opened.value.token}` };
}

async function placeBlock(subjectType: "credential" | "person" | "department", subject: number): Promise<void> {
  const at = world.clock.now();
  await append(world.deps, async (tables) => {
    const denyUntil = new Date(at + 60_000);
    const values = {
      publicId: newId(systemRandom),
      tenant: world.tenant,
      subjectType,
      subject,
      placedAt: new Date(at),
      denyUntil,
    };
    const [row] = await tables.insert(block).values(values).returning();
    const data = {
      block: row?.id ?? 0,
      subject: { type: subjectType, id: subject },
      reason: null,
      denyUntil: at + 60_000,
    };
    return {
      entries: [newEntry("block.placed", { entryId: newId(systemRandom), occurredAt: at, tenant: world.tenant, data })],
      value: 0,
    };
  });
  world.tail.poke();
}

test("a phone is known by its session and the proof of its device key over this very request", async () => {
  const { phone, session } = await phoneSession();
  const known = await who(phoneHeaders(phone, session, "{body}"), "{body}");
  expect(known).toMatchObject({
    kind: "phone",
    credential: phone.credential,
    person: phone.person,
    tenant: world.tenant,
  });
});

test("a phone's token without its proof, or with a proof of something else, is worth nothing", async () => {
  const { phone, session } = await phoneSession();
  const stranger = await world.addPhone();
  const authorization = `Bearer ${session.token}`;
  expect(await kindOf({ authorization })).toBe("PROOF_INVALID");
  expect(await kindOf(phoneHeaders(phone, session, "{other}"), "{body}")).toBe("PROOF_INVALID");
  expect(await kindOf(phoneHeaders(stranger, session))).toBe("PROOF_INVALID");
  const others = requestProof(phone.key, "another token", world.clock.now());
  expect(await kindOf({ authorization, "portner-proof": others })).toBe("PROOF_INVALID");
  const renewal = signClaims(phone.key, "renew", { iat: world.clock.now(), cred: "x" });
  for (const junk of [renewal, "", ".", "a.b.c", "e30.", "x".repeat(2_000)]) {
    expect(await kindOf({ authorization, "portner-proof": junk })).toBe("PROOF_INVALID");
  }
});

test("a proof is good for a minute to either side of the hub's time", async () => {
  const { phone, session } = await phoneSession();
  const now = world.clock.now();
  for (const iat of [now - 60_000, now + 60_000])
    expect(await kindOf(phoneHeaders(phone, session, "", iat))).toBe("phone");
  for (const iat of [now - 60_001, now + 60_001])
    expect(await kindOf(phoneHeaders(phone, session, "", iat))).toBe("PROOF_TIME");
});

test("a dashboard is known by its cookie, bound to the host over TLS, and by nothing else", async () => {
  const { cookie, session } = await dashboard("lene@fjordby.example");
  expect(await who({ cookie })).toMatchObject({ kind: "dashboard", ambient: true, roles: [{ role: "L" }] });
  expect(await kindOf({ cookie: `a=b; ${cookie}; c=d` })).toBe("dashboard");
  expect(await who({ cookie }, "", true)).toMatchObject({ kind: "anonymous" });
  expect(await who({ cookie: `__Host-portner=${session.token}` }, "", true)).toMatchObject({ kind: "dashboard" });
  expect(await kindOf({ authorization: `Bearer ${session.token}` })).toBe("UNAUTHENTICATED");
  expect(await kindOf({ cookie: "portner=nonsense" })).toBe("anonymous");
  expect(sessionCookie("x", true)).toBe("__Host-portner=x; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure");
});

test("a header that makes no sense is a failure, not nobody", async () => {
  for (const authorization of ["", "Basic a2FyZW46eA==", "Bearer", `Bearer ${"x".repeat(43)}`, "Bearer ptn_short"]) {
    expect(await kindOf({ authorization })).toBe("UNAUTHENTICATED");
  }
});

test("a session ends after twelve hours, to the millisecond, and its live ends with it", async () => {
  const { phone, session } = await phoneSession();
  const principal = await who(phoneHeaders(phone, session));
  if (typeof principal === "string") throw new InvariantError(principal);
  const left = session.expiresAt - world.clock.now();
  world.clock.advance(left - 1);
  expect(await kindOf(phoneHeaders(phone, session))).toBe("phone");
  world.clock.advance(1);
  expect(await kindOf(phoneHeaders(phone, session))).toBe("SESSION_EXPIRED");
  world.clock.advance(1_000);
  expect(principal.ended.aborted).toBe(true);
});

test("signing out ends the session on every hub, and what is live with it; a second time it changes nothing", async () => {
  const { cookie } = await dashboard("signs-out@fjordby.example");
  const principal = await who({ cookie });
  if (typeof principal === "string" || principal.kind !== "dashboard") throw new InvariantError("not signed in");
  expect(await signOut(world.deps, principal)).toBe(true);
  world.tail.poke();
  await vi.waitFor(() => expect(principal.ended.aborted).toBe(true));
  expect(await kindOf({ cookie })).toBe("anonymous");
  expect(await signOut(world.deps, principal)).toBe(false);
});

test.each(["credential", "person", "department"] as const)(
  "a block on the %s denies new sessions, by proof too",
  async (subject) => {
    const { phone, session } = await phoneSession();
    const blocked = { credential: phone.credential, person: phone.person, department: phone.department }[subject];
    const principal = await who(phoneHeaders(phone, session));
    await placeBlock(subject, blocked);
    await vi.waitFor(() => expect(typeof principal === "string" || principal.ended.aborted).toBe(true));
    const denied = { ok: false, failure: { code: "HOLDER_BLOCKED" } };
    expect(await openPhoneSession(world.deps, phone.credential)).toEqual(denied);
    const cred = globalIdText("Credential", phone.publicId);
    expect(await renewByProof(world.deps, signClaims(phone.key, "renew", { iat: world.clock.now(), cred }))).toEqual(
      denied,
    );
  },
);

test("a phone whose session has run out gets a new one by its device key, and nobody else does", async () => {
  const { phone, session } = await phoneSession();
  world.clock.advance(session.expiresAt - world.clock.now());
  const cred = globalIdText("Credential", phone.publicId);
  const iat = world.clock.now();
  const renewed = await renewByProof(world.deps, signClaims(phone.key, "renew", { iat, cred }));
  if (!renewed.ok) throw new InvariantError(renewed.failure.code);
  expect(await kindOf(phoneHeaders(phone, renewed.value))).toBe("phone");
  const stranger = await world.addPhone();
  const wrong = [
    signClaims(stranger.key, "renew", { iat, cred }),
    signClaims(phone.key, "proof", { iat, cred }),
    signClaims(phone.key, "renew", { iat, cred: globalIdText("Credential", "nobody") }),
    signClaims(phone.key, "renew", { iat, cred: "nonsense" }),
  ];
  for (const proof of wrong) {
    expect(await renewByProof(world.deps, proof)).toEqual({ ok: false, failure: { code: "PROOF_INVALID" } });
  }
  const late = signClaims(phone.key, "renew", { iat: iat - 60_001, cred });
  expect(await renewByProof(world.deps, late)).toEqual({ ok: false, failure: { code: "PROOF_TIME" } });
});

test("who left gets no session, and loses the one they have", async () => {
  const { phone, session } = await phoneSession();
  const principal = await who(phoneHeaders(phone, session));
  await append(world.deps, async (tables) => {
    await tables.update(person).set({ active: false }).where(eq(person.id, phone.person));
    const input = { entryId: newId(systemRandom), occurredAt: world.clock.now(), data: { person: phone.person } };
    return { entries: [newEntry("person.closed", input)], value: 0 };
  });
  world.tail.poke();
  await vi.waitFor(() => expect(typeof principal === "string" || principal.ended.aborted).toBe(true));
  expect(await kindOf(phoneHeaders(phone, session))).toBe("SESSION_EXPIRED");
  expect(await openPhoneSession(world.deps, phone.credential)).toMatchObject({ failure: { code: "HOLDER_BLOCKED" } });
});

test("a changed role counts from the next request on, and the old sessions are over", async () => {
  const { publicId, cookie } = await dashboard("changes@fjordby.example");
  const principal = await who({ cookie });
  expect(
    await changeAccount(world.deps, { tenant: world.tenant, publicId, active: true, roles: [{ role: "A" }] }),
  ).toMatchObject({ ok: true });
  world.tail.poke();
  await vi.waitFor(() => expect(typeof principal === "string" || principal.ended.aborted).toBe(true));
  expect(await kindOf({ cookie })).toBe("anonymous");
  expect(
    await changeAccount(world.deps, { tenant: world.tenant + 1, publicId, active: false, roles: [] }),
  ).toMatchObject({ ok: false });
});

test("a changed policy counts from the next request on", async () => {
  const { cookie } = await dashboard("policy@fjordby.example");
  const policyOf = async () => {
    const found = await who({ cookie });
    return typeof found === "string" || found.kind !== "dashboard" ? found : found.policy.ruleOf("unblock", "L").reach;
  };
  expect(await policyOf()).toBe("department");
  const cell = { tenant: world.tenant, operation: "unblock", role: "L" } as const;
  expect(await setRule(world.deps, { ...cell, rule: "no" })).toMatchObject({ ok: true });
  world.tail.poke();
  await vi.waitFor(async () => expect(await policyOf()).toBe("no"));
  await setRule(world.deps, { ...cell, rule: null });
  world.tail.poke();
  await vi.waitFor(async () => expect(await policyOf()).toBe("department"));
  expect(await setRule(world.deps, { ...cell, rule: "everything" })).toMatchObject({
    failure: { code: "RULE_INVALID" },
  });
});

test("sessions raced by blocks: none is left open behind a block", async () => {
  const phones = await Promise.all(Array.from({ length: 6 }, () => world.addPhone()));
  const end = createEndSessions(world.clock);
  const race = phones.flatMap((phone) => [
    ...Array.from({ length: 3 }, () => openPhoneSession(world.deps, phone.credential).catch(() => undefined)),
    placeBlock("credential", phone.credential).then(() =>
      end(world.db.database.tables, { credentials: [phone.credential], persons: [] }),
    ),
  ]);
  await Promise.all(race);
  const credentials = phones.map((phone) => phone.credential);
  const left = await endOpenSessions(world.db.database.tables, { credentials }, new Date(world.clock.now()));
  expect(left).toEqual([]);
});

test("who has not said who he is shares what he may ask with his network, of IPv6 the /64; who has does with nobody", async () => {
  const keyFrom = async (address: string): Promise<string> => {
    const found = await world.authenticate({ header: () => undefined, body: new Uint8Array(), secure: true, address });
    if (!found.ok) throw new InvariantError(found.failure.code);
    expect(found.value.allowance).toBe(ALLOWANCES.address);
    return found.value.key;
  };
  expect(await keyFrom("2001:db8:0:7::1")).toBe(await keyFrom("2001:db8:0:7:ffff::"));
  expect(await keyFrom("2001:db8:0:7::1")).not.toBe(await keyFrom("2001:db8:0:8::1"));
  expect(await keyFrom("192.0.2.1")).not.toBe(await keyFrom("192.0.2.2"));
});
