import { z } from "zod";
import { pause, wallTime } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { ask, dashboard } from "../installation/api.ts";
import { startInstallation, type Installation } from "../installation/demo.ts";
import { quantile } from "../measure/statistics.ts";
import { cpuMicroseconds } from "../process/child.ts";
import { ENVIRONMENT } from "../process/environment.ts";
import { machine, versions } from "../reports/machine.ts";
import { type Figure, type Report } from "../reports/report.ts";
import { buildStreet } from "./measuring-street.ts";
import { openPaintedFeed, type PaintedFeed, type Seen } from "./painted-feed.ts";
import { startSigningLocks, type Drive, type SigningLocks } from "./signing-locks.ts";

/** Locks of the demo's own, which stand still. */
const STANDING_LOCKS = 20;
const LOCKS = Number(ENVIRONMENT["PORTNER_LOAD_SCREEN_LOCKS"] ?? 200);
const DRIVE_MS = Number(ENVIRONMENT["PORTNER_LOAD_SCREEN_MS"] ?? 20_000);
const TURNS = Number(ENVIRONMENT["PORTNER_LOAD_SCREEN_TURNS"] ?? 3);
/** What is on its way at the end is recorded within this, or counts as lost. */
const RECORD_MS_MAX = 60_000;
/** How often it is asked whether all of it is recorded; and time enough for the last picture. */
const SETTLE_MS = 1_000;
/** Events of one page of history. */
const PAGE_EVENTS = 200;
const RATES = [
  { eventsPerSecond: 50, p95MsMax: 250 },
  { eventsPerSecond: 500, p95MsMax: 1_000 },
] as const;

const RECENT = `query($before: Cursor) { recentDoorEvents(last: ${PAGE_EVENTS}, before: $before) {
  edges { cursor node { occurredAt } } pageInfo { startCursor hasPreviousPage } } }`;
const Recent = z.object({
  recentDoorEvents: z.object({
    edges: z.array(z.object({ cursor: z.string(), node: z.object({ occurredAt: z.string() }) })),
    pageInfo: z.object({ startCursor: z.string(), hasPreviousPage: z.boolean() }),
  }),
});

/** One turn at one rate. */
interface Turn {
  readonly eventsPerSecond: number;
  readonly latenciesMs: readonly number[];
  readonly drive: Drive;
  readonly seen: Seen;
  readonly hubShare: number;
}

interface Parts {
  readonly installation: Installation;
  readonly cookie: string;
  readonly locks: SigningLocks;
  readonly feed: PaintedFeed;
}

/** U3: from the time at which a lock's signed event was due at the broker until the picture that shows it. */
export async function measureU3(tell: (sentence: string) => void): Promise<Report> {
  const installation = await startInstallation(STANDING_LOCKS);
  try {
    const waiting = await buildStreet(installation, LOCKS);
    tell(`commissioning ${LOCKS} locks`);
    const locks = await startSigningLocks(installation.url, waiting);
    const [cookie = ""] = await installation.hotline(1);
    const feed = await openPaintedFeed(installation.url, cookie);
    try {
      return reportOf(await turnsOf({ installation, cookie, locks, feed }, tell));
    } finally {
      await feed.end();
      await locks.end();
    }
  } finally {
    await installation.stop();
  }
}

async function turnsOf(parts: Parts, tell: (sentence: string) => void): Promise<readonly Turn[]> {
  // The first events load code and warm both ends; they are not counted.
  await playTurn(parts, RATES[0].eventsPerSecond, DRIVE_MS / 4);
  const turns: Turn[] = [];
  for (let round = 0; round < TURNS; round += 1) {
    for (const { eventsPerSecond } of RATES) {
      const turn = await playTurn(parts, eventsPerSecond, DRIVE_MS);
      const p95 = quantile(turn.latenciesMs, 0.95).toFixed(0);
      tell(
        `${eventsPerSecond}/s: ${turn.latenciesMs.length} events, p95 ${p95} ms, driver ≤ ${turn.drive.latestMs.toFixed(0)} ms late`,
      );
      turns.push(turn);
    }
  }
  return turns;
}

async function playTurn({ installation, cookie, locks, feed }: Parts, eventsPerSecond: number, durationMs: number) {
  const startedAt = wallTime();
  const cpuBefore = await cpuMicroseconds(installation.pid);
  let drive: Drive = { sent: 0, latestMs: 0 };
  let due: readonly DueEvent[] = [];
  let hubShare = 0;
  const seen = await feed.watch(async () => {
    drive = await locks.drive(eventsPerSecond, durationMs);
    hubShare = ((await cpuMicroseconds(installation.pid)) - cpuBefore) / ((wallTime() - startedAt) * 1_000);
    const giveUpAt = wallTime() + RECORD_MS_MAX;
    do {
      await pause(SETTLE_MS);
      due = await eventsSince(installation.url, cookie, startedAt);
    } while (due.length < drive.sent && wallTime() < giveUpAt);
    await pause(SETTLE_MS);
  });
  return { eventsPerSecond, latenciesMs: latenciesOf(due, seen, drive), drive, seen, hubShare };
}

interface DueEvent {
  readonly cursor: string;
  readonly dueAt: number;
}

/** Every event since an instant, as the API has it, in the order of the journal. */
async function eventsSince(url: string, cookie: string, since: number): Promise<readonly DueEvent[]> {
  const found: DueEvent[] = [];
  for (let before: string | null = null; ;) {
    const answer: z.infer<typeof Recent> = await ask(url, dashboard(url, cookie), {
      ...{ document: RECENT, variables: { before }, answer: Recent },
    });
    const { edges, pageInfo } = answer.recentDoorEvents;
    const events = edges.map(({ cursor, node }) => ({ cursor, dueAt: Date.parse(node.occurredAt) }));
    found.unshift(...events.filter(({ dueAt }) => dueAt >= since));
    if (!pageInfo.hasPreviousPage || events.some(({ dueAt }) => dueAt < since)) return found;
    before = pageInfo.startCursor;
  }
}

/** From due to drawn, for each event: drawn is the first picture whose first line is the event or a newer one. */
function latenciesOf(due: readonly DueEvent[], { painted }: Seen, { sent }: Drive): readonly number[] {
  if (due.length < sent) throw new LoadError("EVENTS_LOST", `${sent} events were sent, the journal has ${due.length}`);
  const places = new Map(due.map(({ cursor }, place) => [cursor, place]));
  const latencies: number[] = [];
  let next = 0;
  for (const [cursor, at] of painted) {
    const place = places.get(cursor) ?? -1;
    for (; next <= place; next += 1) latencies.push(at - (due[next]?.dueAt ?? at));
  }
  if (next < due.length)
    throw new LoadError("NEVER_PAINTED", `${due.length - next} of ${due.length} events were not painted`);
  return latencies;
}

function reportOf(turns: readonly Turn[]): Report {
  const figures = RATES.map(({ eventsPerSecond, p95MsMax }): Figure => {
    const p95s = turns
      .filter((turn) => turn.eventsPerSecond === eventsPerSecond)
      .map(({ latenciesMs }) => quantile(latenciesMs, 0.95));
    const value = quantile(p95s, 0.5);
    return {
      ...{ name: `publish → painted, p95 at ${eventsPerSecond} events/s`, unit: "ms", value, to: "absolute" },
      ...{ goal: `≤ ${p95MsMax}`, met: value <= p95MsMax },
    };
  });
  return {
    id: "U3",
    goal: "A door's event on the screen: MQTT publish → painted ≤ 250 ms p95 at 50 events/s, ≤ 1 s at 500/s",
    met: figures.every(({ met }) => met),
    noisy: false,
    figures,
    beside: Object.assign({}, ...RATES.map(({ eventsPerSecond }) => besidesOf(turns, eventsPerSecond))),
    notes: NOTES,
    machine: machine(),
    versions: versions(),
    at: new Date(wallTime()).toISOString(),
    rounds: turns.map(({ eventsPerSecond, latenciesMs, drive }) => ({
      samples: {
        [`${eventsPerSecond} events/s`]: { ...spread(latenciesMs), "driver late at most, ms": drive.latestMs },
      },
    })),
  };
}

const NOTES = [
  "Absolute times, and no floor: what counts is what a person waits for. Locks, broker, hub, Postgres and Chromium (software rendering) share the machine.",
  "Timed from when the event was due by the open schedule, not from when it left; each event is signed by its lock and passes the real broker, the hub's checks and a Postgres commit.",
  "Painted: after the first picture whose first line is the event or a newer one. Above 30 events in a second the page tells them by address.",
];

function spread(latenciesMs: readonly number[]): Record<string, number> {
  return {
    ...{ "p50, ms": quantile(latenciesMs, 0.5), "p95, ms": quantile(latenciesMs, 0.95) },
    ...{ "p99, ms": quantile(latenciesMs, 0.99), "max, ms": Math.max(...latenciesMs) },
  };
}

function besidesOf(turns: readonly Turn[], eventsPerSecond: number): Record<string, number> {
  const own = turns.filter((turn) => turn.eventsPerSecond === eventsPerSecond);
  const middle = (of: (turn: Turn) => number): number => quantile(own.map(of), 0.5);
  const at = (name: string): string => `${name} at ${eventsPerSecond} events/s`;
  return {
    [at("p50, ms")]: middle(({ latenciesMs }) => quantile(latenciesMs, 0.5)),
    [at("p99, ms")]: middle(({ latenciesMs }) => quantile(latenciesMs, 0.99)),
    [at("p95 between two pictures, ms")]: middle(({ seen }) =>
      quantile(
        seen.frames.map((frame, n) => frame - (seen.frames[n - 1] ?? frame)),
        0.95,
      ),
    ),
    [at("lines in the page")]: middle(({ seen }) => seen.rows),
    [at("processor share of hub with broker")]: middle(({ hubShare }) => hubShare),
    [at("driver late at most, ms")]: middle(({ drive }) => drive.latestMs),
  };
}
