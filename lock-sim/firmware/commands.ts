import type { AnswerMessage, CommandMessage, RefusalReason } from "@portner/schema/mqtt";
import type { Asker } from "./asker.ts";
import type { Core } from "./core.ts";
import { authenticate, type Incoming } from "./authenticate.ts";
import { judge, nextFloor, type Order } from "./judge.ts";
import type { Motion } from "./motion.ts";

/** What became of a message: taken, or refused for the first check it failed. */
export type Verdict = { readonly taken: true } | { readonly taken: false; readonly reason: RefusalReason };

/** A message that did what it should. */
export const TAKEN: Verdict = { taken: true };

interface Deps {
  readonly core: Core;
  readonly motion: Motion;
  readonly asker: Asker;
  /** Runs between a command's record being safe and the motor; a behaviour may lose power here. */
  readonly beforeMotor: () => void;
}

/** Commands and answers: checks them in the order of the contract, persists the id, then lets the motor run. */
export class Commands {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  command(incoming: Incoming): Verdict {
    const { core } = this.#deps;
    const read = authenticate(incoming, { ...this.#rules, type: "cmd" }, core.budget);
    return read.ok ? this.#decide(read.message) : this.#refuse(read.reason);
  }

  answer(incoming: Incoming): Verdict {
    const { core, asker } = this.#deps;
    const read = authenticate(incoming, { ...this.#rules, type: "ans" }, core.budget);
    if (!read.ok) return this.#refuse(read.reason);
    if (read.message.kind === "allow") return this.#decide(read.message);
    const reason = asker.answered(read.message);
    return reason === undefined ? TAKEN : this.#refuse(reason);
  }

  get #rules() {
    const { core } = this.#deps;
    return {
      retainable: false,
      address: (message: CommandMessage | AnswerMessage) => core.misaddressed(message),
      key: (kid: string) => core.keys.find(kid, "command"),
      reserve: 0,
    };
  }

  #decide(order: Order): Verdict {
    const { core, motion, asker } = this.#deps;
    const { flash, time, challenges } = core;
    const reason = judge(order, { flash, time, challenges, hasRoom: () => motion.hasRoom });
    if (reason === undefined) {
      void this.#obey(order);
      return TAKEN;
    }
    if (reason === "CLOCK_UNTRUSTED" && !flash.isUsed(order.id)) asker.askForCommand();
    return this.#refuse(reason, order.id);
  }

  async #obey(order: Order): Promise<void> {
    const { core, motion, beforeMotor } = this.#deps;
    const { id, iat, op, cred, gen } = order;
    const floor = Math.min(nextFloor(core), iat - 1);
    motion.promise();
    try {
      await core.recorder.recordWithin((event) => ({ t: "use", id, iat, floor, event }), {
        kind: "accepted",
        cmd: id,
        op,
        cred,
        gen,
      });
    } catch {
      // Not persisted, so the motor must not run; the id stays used in memory.
      motion.forgo();
      return core.counters.add("FLASH_FAILED");
    }
    if (core.isStopped()) return;
    beforeMotor();
    motion.obey(op, { cause: "command", cmd: id });
  }

  #refuse(reason: RefusalReason, command?: string): Verdict {
    this.#deps.core.refusals.note(reason, command);
    return { taken: false, reason };
  }
}
