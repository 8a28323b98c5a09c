import type { DenialReason } from "@portner/schema/access";
import type { ResultOf } from "../graphql/index.ts";
import { OPEN_DOOR, type OpeningOperation } from "../opening/documents.ts";
import { notAfterOf, pressLife, saysWhatBecame, type PressLife } from "../opening/press-life.ts";
import { doorsOf, isFinal, isOver } from "../opening/stage.ts";
import type { Phone } from "./phone.svelte.ts";
import type { PhoneLine } from "./phone-line.ts";

/** The hub's answers come this often while a door moves. */
const FOLLOW_MS = 1_000;
const RETRY_MS = 1_000;
/** A press counts for ten seconds; so long after it was made whoever stands at the door is told that nobody knows. */
const UNANSWERED_MS = 15_000;
/** A command lives for 15 s and a way in has three doors or four; what is not known by then, only the doors know. */
const FOLLOWED_MS = 180_000;
/** What nobody knew is asked for this often, and for so long: the line comes back, and a lock tells later. */
const LATER_MS = 5_000;
const LATER_MS_MAX = 30 * 60_000;

/** Where one press stands. */
export type PressState =
  | { readonly kind: "idle" }
  /** The hub has not answered yet. */
  | ({ readonly kind: "asking" } & PressLife)
  /** No answer comes; the same press is asked again. */
  | ({ readonly kind: "unanswered" } & PressLife)
  /** The hub follows it, door by door. Not `heard`: the line went, and this is how it last stood. */
  | { readonly kind: "followed"; readonly operation: OpeningOperation; readonly heard: boolean }
  | {
      readonly kind: "denied";
      readonly reasons: readonly DenialReason[];
      readonly nextStep: { readonly da: string; readonly en: string };
    }
  | { readonly kind: "refused"; readonly code: string }
  /** It was asked again for long enough. The door itself knows; the hub is asked on, for it may come to know. */
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
  /** Ends when the page is left; nobody reads what comes later. */
  readonly leaving: AbortSignal;
}

interface Asked {
  readonly key: string;
  readonly life: PressLife;
  /** Monotonic time of the press. */
  readonly since: number;
}

/** One press on one way in. Whatever happens to the line, it opens at most once, and not later than it counts. */
export class Press {
  state: PressState = $state.raw({ kind: "idle" });
  /** When it ended, by the hub's time in milliseconds; absent before. */
  endedAtMs: number | undefined = $state();
  readonly path: string;
  readonly #deps: PressDeps;
  #last: Asked | undefined;

  constructor(path: string, deps: PressDeps) {
    this.path = path;
    this.#deps = deps;
  }

  /** Whether its end is still awaited. */
  get isUnderWay(): boolean {
    const { state } = this;
    if (state.kind === "followed") return !isOver(state.operation);
    return state.kind === "asking" || state.kind === "unanswered";
  }

  /**
   * Asks to open, and follows until it has ended; where the end is not known, until it is or another press is made. A
   * second press before the end does nothing.
   */
  async open(): Promise<void> {
    if (this.isUnderWay) return;
    const { newKey, hubMs, monotonicMs } = this.#deps;
    const asked = { key: newKey(), life: pressLife(hubMs()), since: monotonicMs() };
    this.#last = asked;
    this.endedAtMs = undefined;
    this.state = { kind: "asking", ...asked.life };
    await this.#follow(asked);
    this.endedAtMs = this.#endedAt();
    await this.#listenOn(asked);
  }

  async #follow(asked: Asked): Promise<void> {
    const { monotonicMs, wait } = this.#deps;
    while (this.isUnderWay) {
      const isFollowed = this.state.kind === "followed";
      if (monotonicMs() - asked.since > (isFollowed ? FOLLOWED_MS : UNANSWERED_MS)) {
        this.state = { kind: "unknown" };
        return;
      }
      // The first answer says at once that it was sent; the later ones wait for what the doors say.
      if (!(await this.#ask(asked, isFollowed ? FOLLOW_MS : 0))) await wait(RETRY_MS);
    }
  }

  /** The press counts no more, so asking opens nothing: it only tells what became of it. */
  async #listenOn(asked: Asked): Promise<void> {
    const { monotonicMs, wait, leaving } = this.#deps;
    while (this.#isUnknown && !leaving.aborted && monotonicMs() - asked.since < LATER_MS_MAX) {
      await wait(LATER_MS);
      if (this.#last !== asked) return;
      await this.#ask(asked, 0);
    }
  }

  get #isUnknown(): boolean {
    const { state } = this;
    if (state.kind !== "followed") return state.kind === "unknown";
    return !isFinal(state.operation) && doorsOf(state.operation).some(({ stage }) => stage === "unknown");
  }

  /** What opened did so before its command expired, however late this phone heard of it. */
  #endedAt(): number {
    const { state } = this;
    const nowMs = this.#deps.hubMs();
    const expiresAt = state.kind === "followed" ? state.operation.commands.at(-1)?.expiresAt : undefined;
    const expiresAtMs = expiresAt === undefined ? Number.NaN : Date.parse(expiresAt);
    return Number.isNaN(expiresAtMs) ? nowMs : Math.min(nowMs, expiresAtMs);
  }

  /** Answers whether the hub did. */
  async #ask(asked: Asked, waitMs: number): Promise<boolean> {
    const { line, phone } = this.#deps;
    const { key: idempotencyKey, life } = asked;
    const input = { target: { path: this.path }, idempotencyKey, waitMs, notAfter: notAfterOf(life) };
    const answer = await line.request(OPEN_DOOR, { input }, phone.kept);
    if (this.#last !== asked) return true;
    if (answer.ok) return this.#take(answer.value.openDoor);
    const { kind, code } = answer.failure;
    const isLost = kind === "unreachable" || kind === "unavailable" || kind === "broken";
    if (isLost) {
      this.#notHeard(life);
      return false;
    }
    if (await phone.failed(answer.failure)) return false;
    // A first request that was refused did nothing; of what was asked for before, a refusal tells nothing.
    if (this.state.kind !== "asking") return false;
    this.state = { kind: "refused", code };
    return true;
  }

  #notHeard(life: PressLife): void {
    if (this.state.kind === "followed") this.state = { ...this.state, heard: false };
    else if (this.state.kind === "asking") this.state = { kind: "unanswered", ...life };
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
        if (this.state.kind === "asking" || saysWhatBecame(answer.code)) {
          this.state = { kind: "refused", code: answer.code };
          return true;
        }
        // The hub can't look just now; what it has begun goes on.
        if (this.state.kind === "followed") this.state = { ...this.state, heard: false };
        return false;
    }
  }
}
