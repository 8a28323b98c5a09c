import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";
import { ADDRESSES_MAX, WRONG_IN_ALL_MAX, WRONG_PER_ADDRESS_MAX, WrongTries } from "./wrong-tries.ts";

const WINDOW_MS = 15 * 60_000;

function still() {
  const state = { elapsedMs: 0 };
  return { state, tries: new WrongTries({ ...systemClock, monotonic: () => state.elapsedMs }) };
}

test("an address waits at its last wrong try, and the wait ends with its quarter of an hour", () => {
  const { state, tries } = still();
  for (let i = 1; i < WRONG_PER_ADDRESS_MAX; i += 1) tries.add("a");
  expect(tries.waitMs("a")).toBe(0);
  tries.add("a");
  expect(tries.waitMs("a")).toBe(WINDOW_MS);
  expect(tries.waitMs("b")).toBe(0);
  state.elapsedMs = WINDOW_MS - 1;
  expect(tries.waitMs("a")).toBe(1);
  state.elapsedMs = WINDOW_MS;
  expect(tries.waitMs("a")).toBe(0);
});

test("whoever holds a whole network of IPv6 has the tries of one address, however it is written", () => {
  const { tries } = still();
  for (let i = 0; i < WRONG_PER_ADDRESS_MAX; i += 1) tries.add(`2001:db8:0:7::${i.toString(16)}`);
  expect(tries.remembered).toBe(1);
  for (const own of ["2001:0db8:0000:0007:1:2:3:4", "2001:db8:0:7::"]) expect(tries.waitMs(own)).toBe(WINDOW_MS);
  for (const other of ["2001:db8:0:8::1", "2001:db8::7", "::1", "::ffff:192.0.2.1", "192.0.2.1"]) {
    expect(tries.waitMs(other)).toBe(0);
  }
});

test("all addresses together wait when there are very many wrong tries, and begin anew", () => {
  const { state, tries } = still();
  for (let i = 1; i < WRONG_IN_ALL_MAX; i += 1) tries.add(`address ${i}`);
  expect(tries.waitMs("another")).toBe(0);
  tries.add("address 0");
  expect(tries.waitMs("another")).toBe(WINDOW_MS);
  state.elapsedMs = WINDOW_MS;
  expect(tries.waitMs("another")).toBe(0);
});

test("it remembers a bounded number of addresses, however many try", () => {
  const { tries } = still();
  for (let i = 0; i < ADDRESSES_MAX + 10; i += 1) tries.add(`address ${i}`);
  expect(tries.remembered).toBe(ADDRESSES_MAX);
});
