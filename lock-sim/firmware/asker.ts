import {
  AskMessage,
  RESEND_MS_MAX,
  RESEND_MS_MIN,
  TIME_ROUND_TRIP_MS_MAX,
  type AnswerMessage,
  type RefusalReason,
} from "@portner/schema/mqtt";
import type { Core } from "./core.ts";
import { signMessage } from "./keys.ts";

/** The lock asks for the time again when the bound of its error reaches this, in milliseconds: well before doubt. */
const ASK_AGAIN_ERROR_MS = 1_000;
/** Shortest pause between time requests of a trusted clock, in milliseconds, however bad its crystal. */
const ASK_AGAIN_MS_MIN = 60_000;

/** Everything a lock asks a hub: the time, a command with a challenge, an answer about a credential. */
export class Asker {
  readonly #core: Core;
  #cancel: (() => void) | undefined;
  #backoffMs = RESEND_MS_MIN;
  #asksTime = false;

  constructor(core: Core) {
    this.#core = core;
  }

  connected(): void {
    this.#backoffMs = RESEND_MS_MIN;
    this.#asksTime = true;
    this.#askTime();
  }

  disconnected(): void {
    this.#asksTime = false;
    this.#cancel?.();
  }

  /** The clock is untrusted and an authentic command came: here is a challenge for it. */
  askForCommand(): void {
    const challenge = this.#core.challenges.make({ kind: "command" });
    if (challenge !== undefined) this.#send({ kind: "command", challenge });
  }

  /**
   * Somebody shows a credential at the door: `prove` signs `askProofText` of unit and challenge with its key. `false`
   * when nothing could be asked.
   */
  askAbout(shown: { readonly cred: string; readonly gen: number }, prove: (challenge: string) => string): boolean {
    const { cred, gen } = shown;
    const challenge = this.#core.challenges.make({ kind: "credential", cred });
    if (challenge === undefined) return false;
    return this.#send({ kind: "credential", challenge, cred, gen, proof: prove(challenge) });
  }

  /** Takes an authentic answer that allows nothing; the reason if it answers no question of ours. */
  answered(answer: Exclude<AnswerMessage, { kind: "allow" }>): RefusalReason | undefined {
    if (answer.kind === "time") return this.#takeTime(answer);
    return this.#core.challenges.spend(answer.challenge, "credential") === undefined ? "BAD_CHALLENGE" : undefined;
  }

  #takeTime(answer: Extract<AnswerMessage, { kind: "time" }>): RefusalReason | undefined {
    const { challenges, flash, time, deps } = this.#core;
    const asked = challenges.spend(answer.challenge, "time");
    if (asked === undefined) return "BAD_CHALLENGE";
    if (asked.ageMs > TIME_ROUND_TRIP_MS_MAX) return "EXPIRED";
    if (answer.now < flash.timeFloor) return "BELOW_FLOOR";
    time.take(answer.now, asked.ageMs);
    flash.commit({ t: "time", floor: answer.now }).catch(deps.failed);
    this.#backoffMs = RESEND_MS_MIN;
    this.#askAgainIn(Math.max(ASK_AGAIN_MS_MIN, time.untilError(ASK_AGAIN_ERROR_MS)));
    return undefined;
  }

  #askTime(): void {
    const challenge = this.#core.challenges.make({ kind: "time" });
    if (challenge !== undefined) this.#send({ kind: "time", challenge });
    this.#askAgainIn(this.#backoffMs);
    this.#backoffMs = Math.min(RESEND_MS_MAX, this.#backoffMs * 2);
  }

  #askAgainIn(delayMs: number): void {
    this.#cancel?.();
    if (!this.#asksTime) return;
    this.#cancel = this.#core.deps.clock.after(delayMs, () => this.#askTime());
  }

  #send(question: object): boolean {
    const { identity, flash, time, secretKey, deps } = this.#core;
    const { unit } = identity;
    const message = AskMessage.parse({ v: 1, unit, boot: flash.boot, at: time.now(), ...question });
    return deps.radio.publish("ask", signMessage("ask", { kid: unit, key: secretKey }, message));
  }
}
