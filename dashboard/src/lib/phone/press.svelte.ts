import type { DenialReason } from "@portner/schema/access";
import type { ResultOf } from "../graphql/index.ts";
import { OPEN_DOOR, type OpeningOperation } from "../opening/documents.ts";
import { isEnded } from "../opening/stage.ts";
import type { Phone } from "./phone.svelte.ts";
import type { PhoneLine } from "./phone-line.ts";

/** The hub's answers come this often while a door moves. */
const FOLLOW_MS = 1_000;
const RETRY_MS = 1_000;
/** Whoever pressed stands at the door for this long. Asked for later, it could open with nobody there. */
const UNANSWERED_MS = 15_000;
/** A command lives for 15 s and a way in has three doors or four; what is not known by then, only the doors know. */
const FOLLOWED_MS = 180_000;

/** Where one press stands. */
export type PressState =
  | { readonly kind: "idle" }
  /** The hub has not answered yet. */
  | { readonly kind: "asking" }
  /** No answer comes; the same press is asked again. */
  | { readonly kind: "unanswered" }
  /** The hub follows it, door by door. Not `heard`: the line went, and this is how it last stood. */
  | { readonly kind: "followed"; readonly operation: OpeningOperation; readonly heard: boolean }
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
  readonly line: Pick<PhoneLine, "request">;
  readonly phone: Pick<Phone, "kept" | "failed">;
  /** A new key of 8 to 64 letters and digits. */
  readonly newKey: () => string;
  readonly hubMs: () => number;
  readonly monotonicMs: () => number;
  readonly wait: (durationMs: number) => Promise<void>;
}

/** One press on one way in. Whatever happens to the line, it opens at most once. */
export class Press {
  state: PressState = $state.raw({ kind: "idle" });
  /** When it ended, by the hub's time in milliseconds; absent before. */
  endedAtMs: number | undefined = $state();
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
    const { newKey, hubMs } = this.#deps;
    const key = newKey();
    this.endedAtMs = undefined;
    this.state = { kind: "asking" };
    await this.#follow(key);
    this.endedAtMs = hubMs();
  }

  async #follow(key: string): Promise<void> {
    const { monotonicMs, wait } = this.#deps;
    const since = monotonicMs();
    while (this.isUnderWay) {
      const isFollowed = this.state.kind === "followed";
      if (monotonicMs() - since > (isFollowed ? FOLLOWED_MS : UNANSWERED_MS)) {
        this.state = { kind: "unknown" };
        return;
      }
      // The first answer says at once that it was sent; the later ones wait for what the doors say.
      if (!(await this.#ask(key, isFollowed ? FOLLOW_MS : 0))) await wait(RETRY_MS);
    }
  }

  /** Answers whether the hub did. */
  async #ask(idempotencyKey: string, waitMs: number): Promise<boolean> {
    const { line, phone } = this.#deps;
    const input = { target: { path: this.path }, idempotencyKey, waitMs };
    const answer = await line.request(OPEN_DOOR, { input }, phone.kept);
    if (answer.ok) return this.#take(answer.value.openDoor);
    const { kind, code } = answer.failure;
    const isLost = kind === "unreachable" || kind === "unavailable" || kind === "broken";
    if (!isLost && !(await phone.failed(answer.failure))) {
      this.state = { kind: "refused", code };
      return true;
    }
    this.state = this.state.kind === "followed" ? { ...this.state, heard: false } : { kind: "unanswered" };
    return false;
  }

  #take(answer: ResultOf<typeof OPEN_DOOR>["openDoor"]): boolean {
    switch (answer.__typename) {
      case "OpenDoorSuccess":
        this.state = { kind: "followed", operation: answer.operation, heard: true };
        return true;
      case "AccessDeniedError":
        this.state = { kind: "denied", reasons: answer.reasons, nextStep: answer.nextStep };
        return true;
      default:
        // The hub can't look just now; what it has begun goes on.
        if (this.state.kind === "followed" && answer.code === "JOURNAL_UNAVAILABLE") {
          this.state = { ...this.state, heard: false };
          return false;
        }
        this.state = { kind: "refused", code: answer.code };
        return true;
    }
  }
}
