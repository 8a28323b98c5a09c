import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { PortnerError } from "../kernel/errors.ts";
import { eventually, type OpenAnswer } from "./api-client.ts";
import { enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { startTown, type RunningTown } from "./running-town.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** Seven and a half seconds of silence, three of a connection that is not made, and this machine's own slowness. */
const REFUSED_MS = 18_000;
/** Readiness doubts the journal after five seconds. */
const NOTICED_MS = 20_000;
const BACK_MS = 60_000;
/** Doors open again this soon behind readiness: a connection that is not made, twice. */
const AGAIN_MS = 8_000;
/** Silence, a connection that is not made, what is left cut off, and room for a busy machine. */
const STOPPED_MS = 20_000;

const Ready = z.object({ ready: z.boolean(), checks: z.array(z.object({ name: z.string(), ok: z.boolean() })) });

let town: RunningTown;
let hub: HubProcess;
let carer: Carer;
let line: TcpProxy;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 29, locks: 12 }));
  const url = new URL(town.db.url);
  line = await startTcpProxy(Number(url.port));
  url.port = String(line.port);
  hub = await town.hub(0, { databaseUrl: url.href });
  await town.locks(hub.url);
  const administrator = await town.administrator(hub.url);
  const [enrolled] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  if (enrolled === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open anything");
  carer = enrolled;
  await untilAllLive(town, hub.url, BACK_MS);
}, 120_000);

afterAll(async () => {
  line.heal();
  await town.end();
  await line.stop();
});

async function isReady(): Promise<boolean> {
  return Ready.parse(await (await fetch(`${hub.url}/readyz`)).json()).ready;
}

/** Opens a door; an answer at the top level is taken as the code it carries. */
async function open(waitMs = 0): Promise<OpenAnswer | string> {
  return carer.phone.open(hub.url, { lock: carer.locks[0] ?? "" }, { waitMs }).catch((error: unknown) => {
    return error instanceof PortnerError ? error.message : String(error);
  });
}

test("a Postgres that goes silent without closing refuses openings by name, and is found again", async () => {
  expect(await open(10_000)).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
  line.freeze();
  const since = performance.now();
  expect(JSON.stringify(await open())).toContain("JOURNAL_UNAVAILABLE");
  const refusedMs = Math.round(performance.now() - since);
  expect(refusedMs).toBeLessThan(REFUSED_MS);
  await eventually(async () => ((await isReady()) ? undefined : true), NOTICED_MS);
  const noticedMs = Math.round(performance.now() - since);
  // What is known to be away is not asked statement by statement: whoever stands at a door hears it soon.
  const knownSince = performance.now();
  expect(JSON.stringify(await open(10_000))).toContain("JOURNAL_UNAVAILABLE");
  const knownMs = Math.round(performance.now() - knownSince);
  expect(knownMs).toBeLessThan(refusedMs / 2);
  line.heal();
  const healed = performance.now();
  await eventually(async () => ((await isReady()) ? true : undefined), BACK_MS);
  const readyAgainMs = Math.round(performance.now() - healed);
  await untilAllLive(town, hub.url, BACK_MS);
  // A connection that was being made when the line came back hears nothing for three seconds more.
  const again = await eventually(async () => {
    const opened = await open(10_000);
    return typeof opened === "object" && opened.type === "OpenDoorSuccess" ? opened : undefined;
  }, AGAIN_MS);
  expect(again).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
  process.stdout.write(`${JSON.stringify({ refusedMs, noticedMs, knownMs, readyAgainMs })}\n`);
}, 180_000);

test("a hub stops while Postgres is silent", async () => {
  line.freeze();
  const since = performance.now();
  await hub.stop();
  const stoppedMs = Math.round(performance.now() - since);
  expect(stoppedMs).toBeLessThan(STOPPED_MS);
  process.stdout.write(`${JSON.stringify({ stoppedMs })}\n`);
}, 60_000);
