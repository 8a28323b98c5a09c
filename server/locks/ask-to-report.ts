import { pause, type Clock } from "../kernel/clock.ts";
import { derivedId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import { newEntry, type Recorder } from "../journal/index.ts";
import { expiryOf, subjectOf, type AllowedCommand, type Dispatcher } from "./dispatch.ts";
import type { LockFleet } from "./fleet.ts";
import type { LockRegistry, RegisteredLock } from "./registry.ts";

/** Locks asked in a second: a town of 1,200 in half a minute, without holding up an opening. */
const ASKED_PER_SECOND = 50;
const PAUSE_MS = 1_000;

/** What asking works with. */
export interface AskToReportDeps {
  readonly hub: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Pick<Recorder, "record">;
  readonly registry: LockRegistry;
  readonly fleet: LockFleet;
  readonly dispatcher: Dispatcher;
  /** Journal number that this hub's decisions stand on. */
  readonly revision: () => number;
}

/**
 * After a start: asks every lock that is not live to send what it holds and to report its facts, so that the board is
 * not older than it need be. A lock that does not answer is shown as silent, as before.
 */
export async function askToReport(deps: AskToReportDeps, isStopped: () => boolean): Promise<void> {
  const now = deps.clock.now();
  const asked = [...deps.registry.all()].filter((lock) => deps.fleet.entryOf(lock, now)?.freshness !== "live");
  for (let at = 0; at < asked.length && !isStopped(); at += ASKED_PER_SECOND) {
    await Promise.all(asked.slice(at, at + ASKED_PER_SECOND).map((lock) => askOne(deps, lock)));
    await pause(deps.clock, PAUSE_MS);
  }
}

async function askOne(deps: AskToReportDeps, lock: RegisteredLock): Promise<void> {
  const command: AllowedCommand = {
    id: derivedId("report", deps.hub, lock.unitId),
    operation: derivedId("reports", deps.hub),
    lock,
    op: "sync",
    credentialId: deps.hub,
    generation: 1,
    decidedAt: deps.clock.now(),
    revision: deps.revision(),
  };
  const { operation, op, generation } = command;
  const data = { operation, position: 0, op, generation, expiresAt: expiryOf(command.decidedAt), basis: null };
  const subject = subjectOf(command, derivedId("authorised", command.id), command.decidedAt);
  try {
    const entry = newEntry("command.authorised", { ...subject, decidedAtRevision: command.revision, data });
    const recorded = await deps.recorder.record({ entries: [entry] });
    if (recorded.outcome === "recorded") await deps.dispatcher.send(command);
  } catch (error) {
    deps.log.warn(
      { lock: lock.lockId, error: String(error) },
      "a lock was not asked to report; its heartbeat will tell",
    );
  }
}
