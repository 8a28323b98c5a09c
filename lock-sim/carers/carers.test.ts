import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { seededRandom } from "../ground/random.ts";
import { generateTown } from "../town/generate.ts";
import { HubClient } from "./client.ts";
import type { WallClock } from "./clock.ts";
import { chooseHolders, enrolAll } from "./enrol.ts";
import { isNight, nextErrand } from "./errand.ts";
import { LOOK_MS, PRESSES_MAX, RESENDS_MAX } from "./patience.ts";
import { Phone } from "./phone.ts";
import { Rounds } from "./rounds.ts";
import { PhoneFiles } from "./state.ts";
import { ADMIN_TOKEN, StandInHub } from "./stand-in-hub.ts";
import { visit } from "./visit.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function setUp() {
  const hub = new StandInHub(() => Date.now());
  const url = await hub.listen();
  const folder = await mkdtemp(join(tmpdir(), "portner-carers-"));
  cleanUps.push(
    () => hub.close(),
    () => rm(folder, { recursive: true }),
  );
  const pauses: number[] = [];
  const clock: WallClock = {
    now: () => Date.now(),
    // Passes at once, but lets sockets speak: a pause that only yields to promises would starve them.
    pause: async (delayMs) => {
      pauses.push(delayMs);
      await nextTurn();
    },
  };
  const { signal } = new AbortController();
  const client = new HubClient({ url, clock, signal });
  const files = new PhoneFiles(join(folder, "phones"));
  await files.prepare();
  const adminToken = () => Promise.resolve(ADMIN_TOKEN);
  const makePhone = (employee: string) => new Phone(employee, { client, clock, files, adminToken });
  return { hub, folder, clock, pauses, signal, makePhone, random: seededRandom(7) };
}

async function signedIn() {
  const world = await setUp();
  const phone = world.makePhone("FJ1002");
  expect(await phone.ready()).toEqual({ ok: true, value: "enrolled" });
  return { ...world, phone };
}

test("a phone enrols once, proves every request, and keeps its session over a restart", async () => {
  const { hub, phone, folder, makePhone } = await signedIn();
  const paths = await phone.paths();
  expect(paths.ok ? paths.value.length : paths.failure).toBe(201);
  expect(await phone.open({ path: "FJ1002-0" }, "key-1")).toEqual({ ok: true, value: "OPENED" });
  const again = makePhone("FJ1002");
  expect(await again.ready()).toEqual({ ok: true, value: "kept" });
  expect((await again.open({ path: "FJ1002-0" }, "key-2")).ok).toBe(true);
  expect(hub.phones.size).toBe(1);
  const [file = ""] = await readdir(join(folder, "phones"));
  expect((await stat(join(folder, "phones", file))).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "phones"))).mode & 0o777).toBe(0o700);
});

test("a stolen token without the device's key opens nothing", async () => {
  const { phone, folder, makePhone } = await signedIn();
  const thief = makePhone("FJ1004");
  await thief.ready();
  const path = join(folder, "phones", "FJ1002.json");
  const { session } = z.object({ session: z.unknown() }).parse(JSON.parse(await readFile(path, "utf8")));
  const stolen = { ...JSON.parse(await readFile(join(folder, "phones", "FJ1004.json"), "utf8")), session };
  await new PhoneFiles(join(folder, "phones")).save({ ...stolen, employee: "thief" });
  const impostor = makePhone("thief");
  await impostor.ready();
  const result = await impostor.open({ path: "FJ1002-0" }, "key-1");
  expect(result).toMatchObject({ ok: false, failure: { code: "BAD_PROOF" } });
  expect((await phone.open({ path: "FJ1002-0" }, "key-2")).ok).toBe(true);
});

test("a person who is refused presses once and leaves", async () => {
  const { hub, phone, ...deps } = await signedIn();
  hub.script = () => "!NO_BASIS";
  expect(await visit(phone, { path: "x" }, deps)).toMatchObject({ outcome: "NO_BASIS", presses: 1, resends: 0 });
  expect(hub.openings).toHaveLength(1);
});

test("a jammed or silent door is pressed again with a new key, after a look, a few times", async () => {
  const { hub, phone, pauses, ...deps } = await signedIn();
  hub.script = (_target, count) => (count % 2 === 0 ? "JAMMED" : "!LOCK_OFFLINE");
  expect(await visit(phone, { lock: "lock-1" }, deps)).toMatchObject({ presses: PRESSES_MAX, outcome: "LOCK_OFFLINE" });
  expect(new Set(hub.openings.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(PRESSES_MAX);
  expect(pauses).toHaveLength(PRESSES_MAX - 1);
  for (const pauseMs of pauses) expect(pauseMs).toBeGreaterThanOrEqual(LOOK_MS.min);
});

test.each(["hangUp", "503", "!JOURNAL_UNAVAILABLE"])(
  "after %s the same press is sent again with the same key",
  async (says) => {
    const { hub, phone, ...deps } = await signedIn();
    hub.script = (_target, count) => (count <= 2 ? says : "OPENED");
    expect(await visit(phone, { path: "x" }, deps)).toMatchObject({ outcome: "entered", presses: 1, resends: 2 });
    expect(new Set(hub.openings.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  },
);

test("a hub that never answers is asked a bounded number of times", async () => {
  const { hub, phone, ...deps } = await signedIn();
  hub.script = () => "hangUp";
  expect(await visit(phone, { path: "x" }, deps)).toMatchObject({ presses: 1, resends: RESENDS_MAX });
  expect(hub.openings).toHaveLength(1 + RESENDS_MAX);
});

test("a session ended by the hub is replaced by a new enrolment, and the door is still opened", async () => {
  const { hub, phone, ...deps } = await signedIn();
  hub.endSessions();
  expect(await visit(phone, { path: "x" }, deps)).toMatchObject({ outcome: "entered", presses: 1 });
  expect(hub.phones.size).toBe(1);
});

test("the carers of a town walk: own paths, open stairwells, wrong doors, and some without any right", async () => {
  const { hub, makePhone, clock, signal, random, pauses } = await setUp();
  hub.script = () => "OPENED";
  const world = generateTown({ seed: 1, locks: 1_200 });
  const holders = chooseHolders(world, 30);
  const carers = await enrolAll(holders, makePhone, { tell: () => undefined, signal });
  expect(carers).toHaveLength(30);
  const lines: Readonly<Record<string, unknown>>[] = [];
  const tell = (line: Readonly<Record<string, unknown>>): void => void lines.push(line);
  await new Rounds(carers, { clock, random, signal, tell, ratePerMinute: 20, errandsMax: 400 }).walk();
  const visits = lines.filter(({ event }) => event === "visit");
  expect(visits).toHaveLength(400);
  expect(hub.openings).toHaveLength(400);
  const errands = Map.groupBy(visits, ({ errand }) => errand);
  expect(errands.get("path")?.length).toBeGreaterThan(50);
  expect(errands.get("wrongDoor")?.length).toBeGreaterThan(5);
  expect(visits.filter(({ employee }) => Number(String(employee).slice(2)) % 2 === 1).length).toBeGreaterThan(2);
  const meanMs = pauses.reduce((sum, pauseMs) => sum + pauseMs, 0) / pauses.length;
  expect(meanMs).toBeGreaterThan(2_300);
  expect(meanMs).toBeLessThan(3_800);
  expect(JSON.stringify(lines)).not.toContain("phone-token");
});

test("a hub that refuses every phone ends the walk, one that is away does not", async () => {
  const { hub, folder, clock, signal } = await setUp();
  const files = new PhoneFiles(join(folder, "phones"));
  const holders = chooseHolders(generateTown({ seed: 1, locks: 30 }), 3);
  const walkWith = (url: string, token: string) => {
    const client = new HubClient({ url, clock, signal });
    const adminToken = () => Promise.resolve(token);
    const makePhone = (employee: string) => new Phone(employee, { client, clock, files, adminToken });
    return enrolAll(holders, makePhone, { tell: () => undefined, signal });
  };
  await expect(walkWith(await hub.listen(), "wrong-token-of-nobody")).rejects.toThrow("refused every phone");
  hub.close();
  expect(await walkWith("http://127.0.0.1:9/graphql", ADMIN_TOKEN)).toHaveLength(3);
});

test("a stairwell that stands open by day is passed, and by night the whole path is opened", () => {
  const lock = { id: "lock-1" };
  const path = {
    id: "path-1",
    doors: [
      { kind: "STAIRWELL", lock },
      { kind: "FLAT", lock },
    ],
  };
  const random = seededRandom(3);
  const kinds = (night: boolean) =>
    new Set(Array.from({ length: 200 }, () => nextErrand(path, [], { random, night })?.kind));
  expect(kinds(false)).toEqual(new Set(["path", "flat"]));
  expect(kinds(true)).toEqual(new Set(["path"]));
});

test("night is night in Denmark, summer and winter", () => {
  expect(isNight(Date.parse("2026-07-01T22:30:00+02:00"))).toBe(false);
  expect(isNight(Date.parse("2026-07-01T23:30:00+02:00"))).toBe(true);
  expect(isNight(Date.parse("2026-12-01T06:59:00+01:00"))).toBe(true);
  expect(isNight(Date.parse("2026-12-01T07:00:00+01:00"))).toBe(false);
});
