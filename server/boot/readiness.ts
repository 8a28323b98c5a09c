import { JOURNAL_AWAY_MS, PARTITIONS_AHEAD } from "../journal/index.ts";
import type { HubClock } from "../kernel/hub-clock.ts";

/** One thing a hub needs, and whether it has it. `detail` is for operators and holds no secrets. */
export interface Check {
  readonly name: "journal" | "partitions" | "index" | "clock" | "broker";
  readonly ok: boolean;
  readonly detail: string;
}

/** What readiness is read from. */
export interface ReadinessSources {
  readonly journalAgeMs: () => number;
  readonly partitionsReady: () => number;
  readonly indexStale: () => boolean;
  readonly indexAgeMs: () => number;
  readonly clock: HubClock;
  readonly brokerState: () => { readonly status: string; readonly reason?: string };
}

/** Everything `/readyz` tells, the most fundamental first. */
export function checksOf(sources: ReadinessSources): readonly Check[] {
  const journalAgeMs = sources.journalAgeMs();
  const offset = sources.clock.offsetMs();
  const broker = sources.brokerState();
  return [
    { name: "journal", ok: journalAgeMs < JOURNAL_AWAY_MS, detail: since("last read", journalAgeMs) },
    {
      name: "partitions",
      ok: sources.partitionsReady() >= PARTITIONS_AHEAD,
      detail: `${sources.partitionsReady()} of ${PARTITIONS_AHEAD} ahead`,
    },
    { name: "index", ok: !sources.indexStale(), detail: since("true as of", sources.indexAgeMs()) },
    {
      name: "clock",
      ok: sources.clock.trusted(),
      detail: offset === undefined ? "not measured" : `${Math.round(offset)} ms from the database's`,
    },
    { name: "broker", ok: broker.status === "connected", detail: broker.reason ?? broker.status },
  ];
}

function since(what: string, ageMs: number): string {
  return Number.isFinite(ageMs) ? `${what} ${Math.round(ageMs)} ms ago` : "not read yet";
}
