import { expect, test } from "vitest";
import { LiveClock } from "./clock.svelte.ts";
import { isCurrent } from "./keep-asking.svelte.ts";
import { ATTEMPT_MS_MAX, Link, SILENT_MS } from "./link.svelte.ts";

const HUB_MS = Date.parse("2026-11-22T09:43:07Z");

/** A monotonic clock that a test moves. */
function handClock(): { atMs: number; now: () => number } {
  const hand = { atMs: 1_000, now: () => hand.atMs };
  return hand;
}

test("ages follow the hub's clock, whatever the viewer's own clock says", () => {
  const hand = handClock();
  const clock = new LiveClock(HUB_MS, hand.now);
  hand.atMs += 8_000;
  clock.tick();
  expect(clock.ageMs("2026-11-22T09:43:07Z")).toBe(8_000);
  expect(clock.ageMs(HUB_MS + 60_000)).toBe(0);
});

test("a surer word of the hub moves the clock, a vaguer one doesn't until the clock may have drifted", () => {
  const hand = handClock();
  const clock = new LiveClock(HUB_MS, hand.now);
  clock.correct(HUB_MS + 500, 20);
  expect(clock.nowMs).toBe(HUB_MS + 510);
  clock.correct(HUB_MS + 9_000, 2_000);
  expect(clock.nowMs).toBe(HUB_MS + 510);
  clock.doubt();
  clock.correct(HUB_MS + 9_000, 2_000);
  expect(clock.nowMs).toBe(HUB_MS + 10_000);
});

test("a line without a frame for 15 s is lost, as of its last frame", () => {
  const link = new Link();
  expect(link.state).toBe("connecting");
  link.connected(0);
  link.frame(1_000, HUB_MS);
  expect(link.tick(1_000 + SILENT_MS - 1, HUB_MS + SILENT_MS - 1)).toBe(false);
  expect([link.state, link.silentForMs]).toEqual(["live", SILENT_MS - 1]);
  link.frame(1_000, HUB_MS);
  expect(link.silentForMs).toBe(0);
  expect(link.tick(1_000 + SILENT_MS, HUB_MS + SILENT_MS)).toBe(true);
  expect([link.state, link.staleSinceMs]).toEqual(["stale", HUB_MS]);
  // Told once; the socket is renewed once.
  expect(link.tick(1_000 + SILENT_MS + 1_000, HUB_MS + SILENT_MS + 1_000)).toBe(false);
});

test("a first line that hangs is given up every 10 s, and what came with the page is old after 15 s", () => {
  const link = new Link();
  link.trying(0);
  const renewed: number[] = [];
  for (let atMs = 0; atMs <= 2 * ATTEMPT_MS_MAX + 1_000; atMs += 1_000) {
    if (link.tick(atMs, HUB_MS + atMs)) renewed.push(atMs);
    expect(link.state).toBe(atMs < SILENT_MS ? "connecting" : "stale");
  }
  expect(renewed).toEqual([ATTEMPT_MS_MAX, 2 * ATTEMPT_MS_MAX]);
  expect(link.staleSinceMs).toBe(HUB_MS);
  link.connected(22_000);
  expect([link.state, link.returns]).toEqual(["live", 1]);
});

test("an attempt to come back that hangs is given up after 10 s, and every attempt has as long", () => {
  const link = new Link();
  link.trying(0);
  link.connected(100);
  link.lost(HUB_MS);
  link.trying(1_000);
  expect(link.tick(1_000 + ATTEMPT_MS_MAX - 1, HUB_MS)).toBe(false);
  link.trying(8_000);
  expect(link.tick(1_000 + ATTEMPT_MS_MAX, HUB_MS)).toBe(false);
  expect(link.tick(8_000 + ATTEMPT_MS_MAX, HUB_MS)).toBe(true);
  link.signedOut();
  expect(link.tick(100_000, HUB_MS)).toBe(false);
});

test("a line that comes back is live when every stream has caught up", () => {
  const link = new Link();
  link.connected(0);
  link.lost(HUB_MS);
  expect([link.state, link.staleSinceMs]).toEqual(["stale", HUB_MS]);
  const caughtUp = link.catchingUp();
  link.connected(5_000);
  expect([link.state, link.returns]).toEqual(["catching-up", 1]);
  caughtUp();
  caughtUp();
  expect([link.state, link.isLive]).toEqual(["live", true]);
});

test("a page whose first connection fails is as old as its delivery", () => {
  const link = new Link();
  link.lost(HUB_MS);
  link.lost(HUB_MS + 5_000);
  expect([link.state, link.staleSinceMs]).toEqual(["stale", HUB_MS]);
});

test("no network and an ended session are said before anything else", () => {
  const link = new Link();
  link.connected(0);
  link.network(false, HUB_MS);
  expect(link.state).toBe("offline");
  link.signedOut();
  expect(link.state).toBe("signed-out");
});

test("what is shown to somebody whose session has ended is as old as the last sign of life", () => {
  const link = new Link();
  link.connected(0);
  link.frame(1_000, HUB_MS);
  link.signedOut();
  expect(link.staleSinceMs).toBe(HUB_MS);
});

test("after a gap in the network the page is live as soon as a new line is up, and fetches anew", () => {
  const link = new Link();
  link.connected(0);
  link.network(false, HUB_MS);
  link.network(true, HUB_MS + 2_000);
  expect(link.state).toBe("stale");
  link.connected(3_000);
  expect([link.state, link.returns]).toEqual(["live", 1]);
});

test("an answer is current for a few turns, over a whole line or before the first one, and never where there is none", () => {
  const at = { atMs: HUB_MS, everyMs: 10_000 };
  const link = { state: "live" } as const;
  expect(isCurrent({ link, clock: { nowMs: HUB_MS + 29_999 } }, at)).toBe(true);
  expect(isCurrent({ link, clock: { nowMs: HUB_MS + 30_000 } }, at)).toBe(false);
  expect(isCurrent({ link: { state: "connecting" }, clock: { nowMs: HUB_MS } }, at)).toBe(true);
  for (const state of ["stale", "offline", "signed-out", "catching-up"] as const) {
    expect(isCurrent({ link: { state }, clock: { nowMs: HUB_MS } }, at)).toBe(false);
  }
  expect(isCurrent({ link, clock: { nowMs: HUB_MS } }, { ...at, atMs: undefined })).toBe(false);
});
