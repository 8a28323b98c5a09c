import type { Figure } from "./metrics.ts";
import type { Check } from "./readiness.ts";
import type { RunningHub } from "./run-hub.ts";

type Running = () => RunningHub | undefined;

/** What `/metrics` shows of a hub; -1 where a level can't be known. */
export function figuresOf(running: Running, checks: () => readonly Check[]): readonly Figure[] {
  return [...standingFigures(running, checks), ...lockFigures(running), ...callerFigures(running)];
}

/** Whether the hub stands, and on what. */
function standingFigures(running: Running, checks: () => readonly Check[]): readonly Figure[] {
  const core = () => running()?.core;
  return [
    {
      name: "portner_ready",
      help: "Whether each thing that the hub needs is there (1) or not (0).",
      kind: "level",
      label: "check",
      read: () => new Map(checks().map((check) => [check.name, check.ok ? 1 : 0])),
    },
    {
      name: "portner_index_age_ms",
      help: "Age of the access index.",
      kind: "level",
      read: () => core()?.index.ageMs() ?? -1,
    },
    {
      name: "portner_journal_sequence",
      help: "Journal number applied.",
      kind: "level",
      read: () => core()?.index.revision.sequence ?? -1,
    },
    {
      name: "portner_journal_waiting",
      help: "Entries that wait for a batch.",
      kind: "level",
      read: () => core()?.recorder.waiting ?? -1,
    },
    {
      name: "portner_broker_connections_total",
      help: "Connections made to the broker since the start; each but the first is a reconnect.",
      kind: "count",
      read: () => core()?.connection.made ?? 0,
    },
    {
      name: "portner_denies_omitted",
      help: "Denied credentials that found no place in a deny document.",
      kind: "level",
      read: () => core()?.deny.omitted ?? -1,
    },
  ];
}

/** What it hears of locks. */
function lockFigures(running: Running): readonly Figure[] {
  const core = () => running()?.core;
  return [
    {
      name: "portner_locks_in_service",
      help: "Locks in service.",
      kind: "level",
      read: () => core()?.link.registry.size ?? -1,
    },
    {
      name: "portner_locks",
      help: "Locks by freshness.",
      kind: "level",
      label: "freshness",
      read: () => core()?.link.freshnessCounts() ?? new Map(),
    },
    {
      name: "portner_messages_quarantined_total",
      help: "Messages of locks that made no sense, since the start.",
      kind: "count",
      label: "fault",
      read: () => core()?.link.quarantine.counts() ?? new Map(),
    },
    {
      name: "portner_messages_dropped_total",
      help: "Messages dropped before they were read, since the start.",
      kind: "count",
      label: "reason",
      read: () => new Map(Object.entries(core()?.router.counts().dropped ?? {})),
    },
    {
      name: "portner_lock_messages_over_limit_total",
      help: "Messages dropped unread because their lock sent more than a sound one can, since the start.",
      kind: "count",
      label: "limit",
      read: () => core()?.link.limits.counts() ?? new Map(),
    },
  ];
}

/** What it is asked, and what it answers. */
function callerFigures(running: Running): readonly Figure[] {
  return [
    { name: "portner_sockets", help: "Open WebSockets.", kind: "level", read: () => running()?.endpoint.sockets ?? 0 },
    {
      name: "portner_operations_turned_away_total",
      help: "Operations refused because their caller had asked too much, since the start.",
      kind: "count",
      label: "limit",
      read: () => running()?.endpoint.turnedAway ?? new Map(),
    },
    {
      name: "portner_decisions_total",
      help: "Decisions about openings and about what was shown at a door, since the start; a denial by its first reason.",
      kind: "count",
      label: "outcome",
      read: () => running()?.observations.decisions ?? new Map(),
    },
  ];
}
