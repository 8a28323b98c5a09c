import { CLOCK_SKEW_MS_MAX, COMMAND_LIFE_MS_MAX, type Operation } from "@portner/schema/mqtt";
import type { Clock, Instant } from "../kernel/clock.ts";
import { derivedId } from "../kernel/ids.ts";
import { newEntry, type NewEntry, type Recorder } from "../journal/index.ts";
import type { BrokerConnection, Publisher } from "../mqtt/index.ts";
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

  /**
   * Signs a command and hands it to the broker; records *sent* or *abandoned*. With `answered`, the command is the answer
   * to this challenge of the lock's. Call it once a command.
   */
  async send(command: AllowedCommand, answered?: string): Promise<void> {
    const { clock, recorder } = this.#deps;
    const form: Form = answered === undefined ? { channel: "cmd" } : { channel: "ans", challenge: answered };
    const outcome = await this.#publish(command, form);
    const entry =
      outcome === "sent"
        ? sentEntry(command, answered !== undefined, clock.now())
        : abandonedEntry(command, outcome, clock.now());
    const state = outcome === "sent" ? "sent" : "abandoned";
    const row = { id: command.id, state, detail: outcome === "sent" ? null : outcome, settled: outcome !== "sent" };
    // Patient, since the lock is storing the command at this moment, and its evidence follows at once.
    const haste = outcome === "sent" ? "patient" : "urgent";
    await recorder.record({ entries: [entry], rows: { command_state: [row] }, haste });
  }

  /**
   * A lock with an untrusted clock sent a challenge: the command it was sent last is signed anew with it. That these
   * bytes may have reached the lock, too, is recorded as a second *sent*; it changes nothing about the command's state.
   */
  async meetChallenge(lock: RegisteredLock, challenge: string): Promise<void> {
    const { clock, tracker, recorder } = this.#deps;
    const command = this.#challengeable.get(lock.lock);
    const standing = command === undefined ? undefined : tracker.find(command.id)?.standing.state;
    if (command?.lock.unit !== lock.unit) return;
    if (standing !== undefined && standing !== "authorised" && standing !== "sent") return;
    this.#challengeable.delete(lock.lock);
    // Too late or offline, nothing was sent beyond what is recorded already.
    if ((await this.#publish(command, { channel: "cmd", challenge })) !== "sent") return;
    await recorder.record({ entries: [sentEntry(command, true, clock.now())], haste: "urgent" });
  }

  async #publish(command: AllowedCommand, form: Form): Promise<"sent" | "TOO_LATE" | "HUB_OFFLINE"> {
    const { clock, publisher } = this.#deps;
    const { lock, decidedAt } = command;
    if (clock.now() - decidedAt > SIGN_WITHIN_MS) return "TOO_LATE";
    const payload = this.#sign(command, form);
    if (form.challenge === undefined) this.#awaitChallenge(command);
    const { channel } = form;
    const published = await publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel, payload });
    // Without the broker's confirmation it may still arrive, so it counts as sent and waits for evidence.
    if (published !== "offline") return "sent";
    // What is told to have never been sent must not be sent after all.
    if (this.#challengeable.get(lock.lock) === command) this.#challengeable.delete(lock.lock);
    return "HUB_OFFLINE";
  }

  #sign(command: AllowedCommand, form: Form): Uint8Array {
    const { lock, id, op, credentialId: cred, generation: gen, decidedAt: iat, revision: rev } = command;
    const common = { v: 1 as const, id, tenant: lock.tenantId, unit: lock.unitId, op, cred, gen };
    const life = { iat, exp: expiryOf(iat) };
    const { signer } = this.#deps;
    if (form.channel === "ans") {
      const { challenge } = form;
      return signer.sign(lock.tenant, "ans", { kind: "allow", ...common, ...life, challenge, rev });
    }
    const { challenge } = form;
    const bound = challenge === undefined ? {} : { challenge };
    return signer.sign(lock.tenant, "cmd", { ...common, ...life, ...bound, rev });
  }

  #awaitChallenge(command: AllowedCommand): void {
    const { clock } = this.#deps;
    const { lock } = command.lock;
    this.#challengeable.set(lock, command);
    clock.after(command.decidedAt + SIGN_WITHIN_MS - clock.now(), () => {
      if (this.#challengeable.get(lock) === command) this.#challengeable.delete(lock);
    });
  }
}

/** How a command goes out: by itself, signed anew with a challenge, or as the answer to a lock's question. */
type Form =
  { readonly channel: "cmd"; readonly challenge?: string } | { readonly channel: "ans"; readonly challenge: string };

/** What a command's entries are about. */
export function subjectOf(command: Pick<AllowedCommand, "id" | "lock">, entryId: string, occurredAt: Instant) {
  const { tenant, lock, unit, door } = command.lock;
  return { entryId, occurredAt, tenant, lock, unit, door, command: command.id };
}

function sentEntry(command: AllowedCommand, challenged: boolean, occurredAt: Instant): NewEntry {
  const entryId = challenged ? derivedId("sent", command.id, "challenged") : derivedId("sent", command.id);
  const data = { operation: command.operation, challenged };
  return newEntry("command.sent", { ...subjectOf(command, entryId, occurredAt), data });
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
