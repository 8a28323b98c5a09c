import type { Effects } from "../behaviours/effects.ts";
import type { Clock } from "../ground/clock.ts";
import { between, type Random } from "../ground/random.ts";
import type { Body } from "./body.ts";

/** How long a visitor takes from the click of the lock to the push, in milliseconds. */
const PUSH_MS = [1_000, 3_000] as const;
/** How long a visitor stands in the open door, in milliseconds. */
const CLOSE_MS = [2_000, 5_000] as const;

/** Whoever the door was opened for: pushes it after the bolt is back, goes in and closes it, unless it is left ajar. */
export class Visitor {
  readonly #deps: { readonly clock: Clock; readonly random: Random; readonly effects: () => Effects };
  readonly #body: Body;
  #cancel: (() => void) | undefined;

  constructor(body: Body, deps: { readonly clock: Clock; readonly random: Random; readonly effects: () => Effects }) {
    this.#body = body;
    this.#deps = deps;
  }

  /** A run ended; if it opened the door for somebody, that somebody goes in. */
  runEnded(towards: "withdrawn" | "thrown", cause: string): void {
    if (towards !== "withdrawn" || (cause !== "command" && cause !== "permit")) return;
    this.#after(PUSH_MS, () => {
      if (this.#body.pushDoor()) this.#after(CLOSE_MS, () => this.#close());
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #close(): void {
    if (!this.#deps.effects().isLeftAjar) this.#body.closeDoor();
  }

  #after([low, high]: readonly [number, number], task: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#deps.clock.after(between(this.#deps.random, low, high), task);
  }
}
