import { pause } from "../kernel/clock.ts";
import { isUnavailable } from "../kernel/database.ts";
import { createHubClock, type HubClock } from "../kernel/hub-clock.ts";
import type { HubCore } from "./core.ts";
import { surviveBrokenConnections } from "./broken-connections.ts";
import { figuresOf } from "./figures.ts";
import type { HubOptions } from "./hub-options.ts";
import { serveHttp } from "./http.ts";
import { Metrics } from "./metrics.ts";
import { checksOf, type Check, type ReadinessSources } from "./readiness.ts";
import { runHub, type RunHubDeps, type RunningHub } from "./run-hub.ts";

/** A running hub. Its port is open from the start; it comes up when Postgres and the broker are there. */
export interface Hub {
  readonly url: string;
  readonly port: number;
  checks(): readonly Check[];
  /** Resolves when everything is ready for the first time. */
  ready(): Promise<void>;
  /** The core, once it has come up. */
  core(): HubCore | undefined;
  stop(): Promise<void>;
}

const RETRY_MS = 1_000;

/**
 * Starts a hub: its port opens at once, and the rest comes up as soon as Postgres is there; until then nothing opens and
 * `/readyz` says why. Throws PortTakenError, and what can't become better by waiting.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const clock = createHubClock(options.machineClock);
  const state: { running: RunningHub | undefined; stopped: boolean } = { running: undefined, stopped: false };
  const checks = () => checksOf(sourcesOf(state.running, clock));
  const metrics = new Metrics(figuresOf(() => state.running, checks));
  const http = await serveHttp(
    {
      version: options.version,
      log: options.log,
      endpoint: () => state.running?.endpoint,
      sdl: () => state.running?.sdl,
      checks,
      dashboard: options.dashboard,
      nowMs: () => clock.now(),
      metrics: () => metrics.text(),
    },
    options.listen,
  );
  const unguard = surviveBrokenConnections(options.log);
  const risen = rise(options, { clock, onProof: (seconds) => metrics.observeProof(seconds) }, state);
  risen.catch(() => undefined);
  return {
    url: http.url,
    port: http.port,
    checks,
    core: () => state.running?.core,
    ready: async () => {
      await risen;
      while (!state.stopped && !checks().every((check) => check.ok)) await pause(options.machineClock, POLL_MS);
    },
    stop: async () => {
      state.stopped = true;
      await risen.catch(() => undefined);
      await state.running?.endpoint.close();
      await http.close();
      await state.running?.stop();
      unguard();
    },
  };
}

const POLL_MS = 50;

async function rise(
  options: HubOptions,
  deps: RunHubDeps,
  state: { running: RunningHub | undefined; stopped: boolean },
): Promise<void> {
  while (!state.stopped) {
    try {
      state.running = await runHub(options, deps);
      return;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      options.log.warn({ error: String(error) }, "Postgres is away; waiting for it");
      await pause(options.machineClock, RETRY_MS);
    }
  }
}

function sourcesOf(running: RunningHub | undefined, clock: HubClock): ReadinessSources {
  const core = running?.core;
  return {
    journalAgeMs: () => core?.tail.ageMs() ?? Number.POSITIVE_INFINITY,
    partitionsReady: () => core?.partitionsReady() ?? 0,
    indexStale: () => core?.index.isStale() ?? true,
    indexAgeMs: () => core?.index.ageMs() ?? Number.POSITIVE_INFINITY,
    clock,
    brokerState: () => core?.connection.state() ?? { status: "disconnected", reason: "STARTING" },
  };
}
