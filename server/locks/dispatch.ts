import { CLOCK_SKEW_MS_MAX, COMMAND_LIFE_MS_MAX, type Operation } from "@portner/schema/mqtt";
import type { Clock, Instant } from "../kernel/clock.ts";
import { derivedId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import { newEntry, type NewEntry, type Recorder } from "../journal/index.ts";
import type { BrokerConnection, Publisher } from "../mqtt/index.ts";
import { isSettled } from "./command-state.ts";
import type { CommandTracker } from "./command-tracker.ts";
import type { LockFleet } from "./fleet.ts";
import type { RegisteredLock } from "./registry.ts";
import type { Signer } from "./signer.ts";

/** A decision older than this is not signed any more: signing late is refusing. */
export const SIGN_WITHIN_MS = 3_000;

/** Evidence of a command that the lock took at the last moment needs a little longer than its expiry to get here. */
export const EVIDENCE_MS = COMMAND_LIFE_MS_MAX + CLOCK_SKEW_MS_MAX + 5_000;

/** An allowed command, durable in the journal, ready to be signed. */
export interface AllowedCommand {
  readonly id: string;
  readonly operation: string;
  readonly lock: RegisteredLock;
  readonly op: Operation;
  /** Public id of the credential (or account) on whose behalf. */
  readonly credentialId: string;
  readonly generation: number;
  readonly decidedAt: Instant;
  readonly revision: number;
}

/** Why a lock can't be commanded now. */
export type Unreachable = "HUB_OFFLINE" | "LOCK_OFFLINE";

/** What dispatching works with. */
export interface DispatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly recorder: Pick<Recorder, "record">;
  readonly signer: Signer;
  readonly publisher: Publisher;
  readonly connection: Pick<BrokerConnection, "state">;
  readonly fleet: LockFleet;
  readonly tracker: CommandTracker;
}

/** When a command expires: by the decision, not by the signing. */
export function expiryOf(decidedAt: Instant): Instant {
  return decidedAt + COMMAND_LIFE_MS_MAX;
}

/** Signs and sends commands, once each, and says truthfully what became of the sending. */
export class Dispatcher {
  readonly #deps: DispatchDeps;
  /** The command a lock was sent last, while a challenge of its may still complete it. */
  readonly #challengeable = new Map<number, AllowedCommand>();

  constructor(deps: DispatchDeps) {
    this.#deps = deps;
  }

  /** Why the lock can't be reached now, or nothing. Nothing is queued for a lock that is away. */
  unreachable(lock: RegisteredLock): Unreachable | undefined {
    if (this.#deps.connection.state().status !== "connected") return "HUB_OFFLINE";
    const freshness = this.#deps.fleet.entryOf(lock, this.#deps.clock.now())?.freshness ?? "never";
    return freshness === "silent" || freshness === "never" ? "LOCK_OFFLINE" : undefined;
  }

  /** Signs a command and hands it to the broker; records *sent* or *abandoned*. Call it once a command. */
  async send(command: AllowedCommand): Promise<void> {
    const { clock, recorder } = this.#deps;
    const outcome = await this.#publish(command);
    const entry =
      outcome === "sent"
        ? newEntry("command.sent", {
            ...subjectOf(command, derivedId("sent", command.id), clock.now()),
            data: { operation: command.operation, challenged: false },
          })
        : abandonedEntry(command, outcome, clock.now());
    const state = outcome === "sent" ? "sent" : "abandoned";
    const row = { id: command.id, state, detail: outcome === "sent" ? null : outcome, settled: outcome !== "sent" };
    // Whether a lock answers a request to report shows in its freshness; it leaves no question open.
    if (outcome === "sent" && command.op !== "sync") this.#awaitEvidence(command);
    await recorder.record({ entries: [entry], rows: { command_state: [row] }, urgent: true });
  }

  /** A lock with an untrusted clock sent a challenge: the command it was sent last is signed anew with it. */
  async meetChallenge(lock: RegisteredLock, challenge: string): Promise<void> {
    const command = this.#challengeable.get(lock.lock);
    const standing = command === undefined ? undefined : this.#deps.tracker.find(command.id)?.standing.state;
    if (command === undefined || (standing !== undefined && standing !== "authorised" && standing !== "sent")) return;
    this.#challengeable.delete(lock.lock);
    await this.#publish(command, challenge);
  }

  async #publish(command: AllowedCommand, challenge?: string): Promise<"sent" | "TOO_LATE" | "HUB_OFFLINE"> {
    const { clock, signer, publisher } = this.#deps;
    const { lock } = command;
    const message = {
      v: 1 as const,
      id: command.id,
      tenant: lock.tenantId,
      unit: lock.unitId,
      op: command.op,
      cred: command.credentialId,
      gen: command.generation,
      iat: command.decidedAt,
      exp: expiryOf(command.decidedAt),
      ...(challenge !== undefined && { challenge }),
      rev: command.revision,
    };
    if (clock.now() - command.decidedAt > SIGN_WITHIN_MS) return "TOO_LATE";
    const payload = await signer.sign(lock.tenant, "cmd", message);
    if (challenge === undefined) this.#challengeable.set(lock.lock, command);
    const published = await publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel: "cmd", payload });
    // Without the broker's confirmation it may still arrive, so it counts as sent and waits for evidence.
    return published === "offline" ? "HUB_OFFLINE" : "sent";
  }

  #awaitEvidence(command: AllowedCommand): void {
    const { clock, tracker, recorder, log } = this.#deps;
    clock.after(command.decidedAt + EVIDENCE_MS - clock.now(), () => {
      if (this.#challengeable.get(command.lock.lock) === command) this.#challengeable.delete(command.lock.lock);
      const standing = tracker.find(command.id)?.standing.state;
      if (standing !== undefined && isSettled(standing)) return;
      recorder.record(unknownItem(command, clock.now())).catch((error: unknown) => {
        log.warn({ command: command.id, error: String(error) }, "a silent command is settled by the next sweep");
      });
    });
  }
}

/** What a command's entries are about. */
export function subjectOf(command: Pick<AllowedCommand, "id" | "lock">, entryId: string, occurredAt: Instant) {
  const { tenant, lock, unit, door } = command.lock;
  return { entryId, occurredAt, tenant, lock, unit, door, command: command.id };
}

/** The entry of a command that was never sent. */
export function abandonedEntry(
  command: AllowedCommand,
  cause: "TOO_LATE" | "HUB_OFFLINE" | "LOCK_OFFLINE" | "DENIED_ANEW",
  occurredAt: Instant,
): NewEntry {
  const data = { operation: command.operation, cause };
  return newEntry("command.abandoned", { ...subjectOf(command, derivedId("abandoned", command.id), occurredAt), data });
}

/** What is recorded when no evidence of a command came in time; any hub may, once. */
export function unknownItem(
  command: { readonly id: string; readonly lock: Pick<RegisteredLock, "tenant" | "lock" | "unit" | "door"> },
  occurredAt: Instant,
) {
  const { tenant, lock, unit, door } = command.lock;
  const entryId = derivedId("unknown", command.id);
  const entry = newEntry("command.unknown", {
    entryId,
    occurredAt,
    tenant,
    lock,
    unit,
    door,
    command: command.id,
    data: {},
  });
  const row = { id: command.id, state: "unknown", detail: null, settled: true };
  return { entries: [entry] as const, rows: { command_state: [row] } };
}
