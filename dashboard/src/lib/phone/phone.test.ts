import { expect, test, vi } from "vitest";
import { makeDeviceKey } from "./device-key.ts";
import { PhoneLine } from "./phone-line.ts";
import type { KeptPhone, PhoneStore } from "./phone-store.ts";
import { Phone } from "./phone.svelte.ts";

const HUB_MS = Date.parse("2026-11-22T09:43:07Z");
const SESSION = { credentialId: "c", token: "t", expiresAt: new Date(HUB_MS + 60_000).toISOString() };
const LATER = new Date(HUB_MS + 9 * 3_600_000).toISOString();
/** What a hub that says yes to everything answers, by what is asked for. */
const ANSWERS = {
  enrolPhone: { __typename: "EnrolPhoneSuccess", ...SESSION },
  renewPhoneSession: { __typename: "RenewPhoneSessionSuccess", token: "t2", expiresAt: LATER },
  viewer: { __typename: "PhoneViewer", hotlinePhone: "+4500112233" },
  myPaths: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } },
};

/** A phone in a browser whose storage reads and doesn't write. */
function phoneWith(kept?: KeptPhone, { isReachable = true } = {}) {
  const asked: string[] = [];
  const fetch = (_input: unknown, init?: RequestInit): Promise<Response> => {
    if (!isReachable) return Promise.reject(new DOMException("fetch failed"));
    const names = Object.entries(ANSWERS).filter(([name]) => String(init?.body).includes(name));
    asked.push(...names.map(([name]) => name));
    return Promise.resolve(Response.json({ data: Object.fromEntries(names) }));
  };
  const full = (): Promise<never> => Promise.reject(new DOMException("full", "QuotaExceededError"));
  const store: PhoneStore = { load: () => Promise.resolve(kept), save: vi.fn<PhoneStore["save"]>(full), forget: full };
  const hubMs = (): number => HUB_MS;
  const line = new PhoneLine({ fetch, crypto, hubMs, askTime: () => Promise.resolve() });
  const wait = (): Promise<never> => new Promise(() => undefined);
  return {
    phone: new Phone({ line, store, crypto, hubMs, model: "Browser", monotonicMs: () => 0, wait }),
    asked,
    store,
  };
}

test("a code that is used on a key that the browser can't keep is told, and the phone is none", async () => {
  const { phone } = phoneWith();
  await phone.enrol("CODE");
  expect(phone.state).toEqual({ kind: "not-enrolled", code: "NOT_KEPT" });
  expect(phone.kept).toBeUndefined();
});

test("a key that the browser can't forget is told, and not taken for forgotten", async () => {
  const key = (await makeDeviceKey(crypto)) ?? expect.unreachable();
  const { phone } = phoneWith({ key, ...SESSION });
  const leaving = new AbortController();
  void phone.start(leaving.signal);
  await vi.waitFor(() => expect(phone.state.kind).toBe("ready"));
  leaving.abort();
  await phone.forget();
  expect([phone.isStillKept, phone.state.kind, phone.kept?.credentialId]).toEqual([true, "ready", "c"]);
});

test("whom to call is shown as the hub told it last, also when no hub answers", async () => {
  const key = (await makeDeviceKey(crypto)) ?? expect.unreachable();
  const kept = { key, ...SESSION, hotlinePhone: "+4599999999" };
  const leaving = new AbortController();
  const alone = phoneWith(kept, { isReachable: false });
  void alone.phone.start(leaving.signal);
  await vi.waitFor(() => expect(alone.phone.line).toBe("lost"));
  expect(alone.phone.hotlinePhone).toBe("+4599999999");
  const { phone, store } = phoneWith(kept);
  void phone.start(leaving.signal);
  await vi.waitFor(() => expect(phone.hotlinePhone).toBe("+4500112233"));
  leaving.abort();
  expect(store.save).toHaveBeenLastCalledWith(expect.objectContaining({ hotlinePhone: "+4500112233" }));
});

test("a renewed session that the browser can't keep is used as long as the page lives", async () => {
  const key = (await makeDeviceKey(crypto)) ?? expect.unreachable();
  const { phone, asked, store } = phoneWith({ key, ...SESSION });
  const leaving = new AbortController();
  void phone.start(leaving.signal);
  await vi.waitFor(() => expect([phone.state.kind, phone.doors.paths]).toEqual(["ready", []]));
  leaving.abort();
  expect(asked.slice(0, 2)).toEqual(["renewPhoneSession", "viewer"]);
  expect(store.save).toHaveBeenCalledWith(expect.objectContaining({ token: "t2" }));
  expect(phone.kept?.token).toBe("t2");
});
