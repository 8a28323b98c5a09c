import { createHash, createPublicKey, verify } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
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
import { visit } from "./visit.ts";

const ADMIN = "admin-token-of-a-coordinator";
const Body = z.object({ query: z.string(), variables: z.object({ input: z.looseObject({}).optional() }).loose() });
const Enrolment = z.object({ code: z.string(), publicKey: z.string() });
const Opening = z.object({ idempotencyKey: z.string(), target: z.record(z.string(), z.string()) });
const Claims = z.strictObject({ iat: z.number(), ath: z.string(), bd: z.string() });

/** How the stand-in answers openings, one after the other: a state, `!CODE` for a failure, `hangUp`, `503`. */
type Script = (target: Readonly<Record<string, string>>, count: number) => string;

/** A hub that keeps to the API's rules of enrolment and proof, and opens by script. */
class StandInHub {
  readonly openings: z.infer<typeof Opening>[] = [];
  readonly phones = new Map<string, { readonly publicKey: string; readonly employee: string }>();
  script: Script = () => "OPENED";
  codes = new Map<string, string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    const address = z.object({ port: z.number() }).parse(this.#server.address());
    return `http://127.0.0.1:${address.port}/graphql`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  endSessions(): void {
    this.phones.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(z.instanceof(Uint8Array).parse(chunk));
    const body = Buffer.concat(chunks);
    const answer = this.#answer(request, body);
    if (answer === "hangUp") return void request.socket.destroy();
    response.writeHead(answer === "503" ? 503 : 200, { "content-type": "application/json" });
    response.end(answer === "503" ? "busy" : JSON.stringify(answer));
  }

  #answer(request: IncomingMessage, body: Buffer): object | string {
    const { query, variables } = Body.parse(JSON.parse(body.toString()));
    const token = (request.headers.authorization ?? "").replace("Bearer ", "");
    const { input } = variables;
    if (query.includes("issueEnrolmentCode(")) return this.#issue(token, String(input?.employee));
    if (query.includes("enrolPhone(")) return this.#enrol(Enrolment.parse(input));
    const refusal = this.#refusal(request, token, body);
    if (refusal !== undefined) return { data: null, errors: [{ message: "", extensions: { code: refusal } }] };
    if (query.includes("openDoor(")) return this.#open(Opening.parse(input));
    return this.#paths(token, z.object({ after: z.string().nullable() }).parse(variables).after);
  }

  #refusal(request: IncomingMessage, token: string, body: Buffer): string | undefined {
    const phone = this.phones.get(token);
    if (phone === undefined) return "SESSION_EXPIRED";
    const [part = "", signature = ""] = String(request.headers["portner-proof"]).split(".");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: phone.publicKey }, format: "jwk" });
    if (!verify(null, Buffer.from(`proof.${part}`), key, Buffer.from(signature, "base64url"))) return "BAD_PROOF";
    const claims = Claims.parse(JSON.parse(Buffer.from(part, "base64url").toString()));
    const digest = (content: string | Buffer): string => createHash("sha256").update(content).digest("base64url");
    const isRight =
      claims.ath === digest(token) && claims.bd === digest(body) && Math.abs(claims.iat - Date.now()) < 5_000;
    return isRight ? undefined : "BAD_PROOF";
  }

  #issue(token: string, employee: string): object {
    const code = `CODE-${this.codes.size}`;
    if (token === ADMIN) this.codes.set(code, employee);
    const error = { errorCode: "FORBIDDEN", message: "not allowed" };
    return { data: { issueEnrolmentCode: token === ADMIN ? { code } : error } };
  }

  #enrol({ code, publicKey }: z.infer<typeof Enrolment>): object {
    const employee = this.codes.get(code) ?? "";
    const token = `phone-token-${this.codes.size}-${employee}`;
    this.phones.set(token, { publicKey, employee });
    const expiresAt = new Date(Date.now() + 12 * 3_600_000).toISOString();
    return { data: { enrolPhone: { token, expiresAt, credential: { id: `cred-${employee}` } } } };
  }

  /** Everybody whose id is even has 201 paths; the others have none. */
  #paths(token: string, after: string | null): object {
    const employee = this.phones.get(token)?.employee ?? "";
    const count = Number(employee.slice(2)) % 2 === 0 ? 201 : 0;
    const from = Number(after ?? "0");
    const edges = Array.from({ length: Math.min(200, count - from) }, (_, at) => {
      const doors = [
        { kind: "STAIRWELL", lock: null },
        { kind: "FLAT", lock: { id: `lock-${from + at}` } },
      ];
      return { node: { id: `${employee}-${from + at}`, doors } };
    });
    const pageInfo = { hasNextPage: from + 200 < count, endCursor: String(from + 200) };
    return { data: { myPaths: { edges, pageInfo } } };
  }

  #open(opening: z.infer<typeof Opening>): object | string {
    this.openings.push(opening);
    const says = this.script(opening.target, this.openings.length);
    if (says === "hangUp" || says === "503") return says;
    const error = { errorCode: says.slice(1), message: "" };
    return { data: { openDoor: says.startsWith("!") ? error : { state: says } } };
  }
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function setUp() {
  const hub = new StandInHub();
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
  const adminToken = () => Promise.resolve(ADMIN);
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
