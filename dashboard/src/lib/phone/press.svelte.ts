import type { DenialReason } from "@portner/schema/access";
import type { ResultOf } from "../graphql/index.ts";
import type { OpeningOperation } from "../opening/documents.ts";
import { isEnded } from "../opening/stage.ts";
import { OPEN_PATH } from "./documents.ts";
import type { Phone } from "./phone.svelte.ts";
import type { PhoneLine } from "./phone-line.ts";

/** The hub's answers come this often while a door moves. */
const FOLLOW_MS = 1_000;
const RETRY_MS = 1_000;
/** A command lives for 15 s; what is not known long after that, nobody but the door knows. */
const GIVE_UP_MS = 45_000;

/** Where one press stands. */
export type PressState =
  | { readonly kind: "idle" }
  /** The hub has not answered yet. */
  | { readonly kind: "asking" }
  /** No answer comes; the same press is asked again. */
  | { readonly kind: "unanswered" }
  /** The hub follows it, door by door. */
  | { readonly kind: "followed"; readonly operation: OpeningOperation }
  | {
      readonly kind: "denied";
      readonly reasons: readonly DenialReason[];
      readonly nextStep: { readonly da: string; readonly en: string };
    }
  | { readonly kind: "refused"; readonly code: string }
  /** It was asked again for long enough. The door itself knows. */
  | { readonly kind: "unknown" };

/** What a press needs. */
export interface PressDeps {
  readonly line: PhoneLine;
  readonly phone: Phone;
  /** A new key of 8 to 64 letters and digits. */
  readonly newKey: () => string;
  readonly monotonicMs: () => number;
  readonly wait: (durationMs: number) => Promise<void>;
}

/** One press on one way in. Whatever happens to the line, it opens at most once. */
export class Press {
  state: PressState = $state.raw({ kind: "idle" });
  readonly path: string;
  readonly #deps: PressDeps;

  constructor(path: string, deps: PressDeps) {
    this.path = path;
    this.#deps = deps;
  }

  /** Whether its end is still awaited. */
  get isUnderWay(): boolean {
    const { state } = this;
    if (state.kind === "followed") return !isEnded(state.operation);
    return state.kind === "asking" || state.kind === "unanswered";
  }

  /** Asks to open, and follows until it has ended. A second press meanwhile does nothing. */
  async open(): Promise<void> {
    if (this.isUnderWay) return;
    const { newKey, monotonicMs, wait } = this.#deps;
    const key = newKey();
    const since = monotonicMs();
    this.state = { kind: "asking" };
    while (this.isUnderWay) {
      if (monotonicMs() - since > GIVE_UP_MS) {
        this.state = { kind: "unknown" };
        return;
      }
      // The first answer says at once that it was sent; the later ones wait for what the doors say.
      await this.#ask(key, this.#is("followed") ? FOLLOW_MS : 0);
      if (this.#is("unanswered")) await wait(RETRY_MS);
    }
  }

  #is(kind: PressState["kind"]): boolean {
    return this.state.kind === kind;
  }

  async #ask(idempotencyKey: string, waitMs: number): Promise<void> {
    const { line, phone } = this.#deps;
    const input = { target: { path: this.path }, idempotencyKey, waitMs };
    const answer = await line.request(OPEN_PATH, { input }, phone.kept);
    if (answer.ok) {
      this.#take(answer.value.openDoor);
      return;
    }
    const { kind, code } = answer.failure;
    if (kind === "unreachable" || kind === "unavailable" || kind === "broken") {
      // What the doors have said stays said; a line that is down takes nothing back.
      if (this.state.kind !== "followed") this.state = { kind: "unanswered" };
      else await this.#deps.wait(RETRY_MS);
      return;
    }
    this.state = { kind: "refused", code };
    await phone.failed(answer.failure);
  }

  #take(answer: ResultOf<typeof OPEN_PATH>["openDoor"]): void {
    switch (answer.__typename) {
      case "OpenDoorSuccess":
        this.state = { kind: "followed", operation: answer.operation };
        return;
      case "AccessDeniedError":
        this.state = { kind: "denied", reasons: answer.reasons, nextStep: answer.nextStep };
        return;
      default:
        this.state = { kind: "refused", code: answer.code };
    }
  }
}
