import type { DoorPosition } from "@portner/schema/mqtt";
import { fraction } from "../ground/random.ts";
import { Asker } from "./asker.ts";
import type { Incoming } from "./authenticate.ts";
import { Commands, type Verdict } from "./commands.ts";
import { createCore, type Core, type LockDeps } from "./core.ts";
import { Documents } from "./documents.ts";
import { Motion } from "./motion.ts";
import { Telemetry } from "./telemetry.ts";
import { Touches, type Touch } from "./touch.ts";

/** Channels on which a lock hears: its own four and the tenant's deny document. */
export type HeardChannel = "cmd" | "ack" | "ans" | "cfg" | "deny";

/** The firmware of one lock from power-up to loss of power. A restart is a new object on the same flash. */
export class Lock {
  readonly #core: Core;
  readonly #motion: Motion;
  readonly #asker: Asker;
  readonly #commands: Commands;
  readonly #documents: Documents;
  readonly #touches: Touches;
  readonly #telemetry: Telemetry;
  #stopped = false;
  #cancelAnnounce: (() => void) | undefined;
  #isAnnounced = true;
  #isConnected = false;

  /** The flash must hold a key pair and a commission; throws `NOT_COMMISSIONED` otherwise. */
  constructor(deps: LockDeps) {
    const core = createCore(deps, () => this.#stopped);
    const { clock, mechanism } = deps;
    this.#core = core;
    const resend = (): void => core.sender.resendAll();
    this.#motion = new Motion({ clock, flash: core.flash, mechanism, emit: core.emit, resend });
    this.#asker = new Asker(core);
    const beforeMotor = deps.beforeMotor;
    this.#commands = new Commands({ core, motion: this.#motion, asker: this.#asker, beforeMotor });
    this.#touches = new Touches(core, this.#motion);
    this.#documents = new Documents(core, {
      denySeen: () => this.#touches.denySeen(),
      begun: () => this.#isConnected && this.#asker.connected(),
      paced: () => this.#telemetry.pace(),
    });
    this.#telemetry = new Telemetry(core, () => this.#documents.prune());
  }

  /** Power is there. Resolves when the boot is on flash; nothing is sent or obeyed before that. */
  async start(): Promise<void> {
    const { flash, recorder, deps } = this.#core;
    const previous = flash.boot === 0 ? null : { boot: flash.boot, seq: flash.seq };
    const cause = previous === null ? "commissioned" : "power";
    await recorder.recordBoot({ kind: "restarted", cause, previous, facts: deps.mechanism.facts() });
    if (this.#stopped) return;
    this.#motion.start();
    this.#telemetry.start();
    this.#documents.tell();
  }

  /** Power is gone, or the process ends. Nothing happens any more; what was being written may still land. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.disconnected();
    for (const part of [this.#motion, this.#telemetry, this.#documents, this.#core.refusals]) part.stop();
    await this.#core.flash.close();
  }

  /** Takes a message as it came from the network. */
  receive(channel: HeardChannel, incoming: Incoming): Verdict {
    const verdict = this.#dispatch(channel, incoming);
    // Somebody waits at the door for the outcome, so the pause after a reconnect ends here.
    if (verdict.taken && (channel === "cmd" || channel === "ans")) this.#announce();
    return verdict;
  }

  #dispatch(channel: HeardChannel, incoming: Incoming): Verdict {
    switch (channel) {
      case "cmd":
        return this.#commands.command(incoming);
      case "ans":
        return this.#commands.answer(incoming);
      case "ack":
        return this.#documents.ack(incoming);
      case "cfg":
        return this.#documents.config(incoming);
      case "deny":
        return this.#documents.deny(incoming);
    }
  }

  /** The subscriptions are in place. */
  connected(): void {
    const { deps, flash } = this.#core;
    this.#isConnected = true;
    this.#touches.connected();
    // Without a cfg no answer could be verified: the time is asked for once it is there.
    if (flash.config !== undefined) this.#asker.connected();
    const pauseMs = fraction(deps.random) * (flash.config?.message.jitterMs ?? 0);
    this.#cancelAnnounce?.();
    this.#isAnnounced = false;
    this.#cancelAnnounce = deps.clock.after(pauseMs, () => this.#announce());
  }

  #announce(): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    this.#cancelAnnounce?.();
    this.#telemetry.send();
    this.#core.sender.connected();
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#cancelAnnounce?.();
    this.#isAnnounced = true;
    this.#asker.disconnected();
    this.#touches.denySeen();
    this.#core.sender.disconnected();
  }

  /** The will for the next connection. */
  will(): Uint8Array {
    return this.#telemetry.will();
  }

  doorMoved(door: DoorPosition): void {
    this.#motion.doorMoved(door);
  }

  boltTurned(): void {
    this.#motion.boltTurned();
  }

  tampered(what: "cover" | "force" | "battery"): void {
    this.#core.emit({ kind: "tamper", what });
  }

  /** A challenge for a smartkey that is held to the lock; `undefined` when too many are under way. */
  touchChallenge(): string | undefined {
    return this.#touches.challenge();
  }

  /** A smartkey answers the challenge and shows its permit. */
  touch(touch: Touch): Promise<Verdict> {
    return this.#touches.present(touch);
  }

  /** A credential without a permit is shown: asks a hub. `prove` signs `askProofText`. `false` when it can't be asked. */
  show(shown: { readonly cred: string; readonly gen: number }, prove: (challenge: string) => string): boolean {
    return this.#asker.askAbout(shown, prove);
  }

  /** Counts of refusals and oddities since power-up. */
  counts(): Readonly<Record<string, number>> {
    return this.#core.counters.all();
  }

  /** Whether the clock is trusted now. */
  get isTimeTrusted(): boolean {
    return this.#core.time.isTrusted();
  }

  /** Resolves when everything that happened so far is on flash. */
  written(): Promise<void> {
    return this.#core.flash.settled();
  }
}
