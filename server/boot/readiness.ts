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
    { name: "journal", ok: journalAgeMs < JOURNAL_AWAY_MS, detail: `last read ${describe(journalAgeMs)} ago` },
    {
      name: "partitions",
      ok: sources.partitionsReady() >= PARTITIONS_AHEAD,
      detail: `${sources.partitionsReady()} of ${PARTITIONS_AHEAD} ahead`,
    },
    { name: "index", ok: !sources.indexStale(), detail: `true as of ${describe(sources.indexAgeMs())} ago` },
    {
      name: "clock",
      ok: sources.clock.trusted(),
      detail: offset === undefined ? "not measured" : `${Math.round(offset)} ms from the database's`,
    },
    { name: "broker", ok: broker.status === "connected", detail: broker.reason ?? broker.status },
  ];
}

function describe(ageMs: number): string {
  return Number.isFinite(ageMs) ? `${Math.round(ageMs)} ms` : "never";
}
