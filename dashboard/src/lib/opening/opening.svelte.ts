import type { DenialReason } from "@portner/schema/access";
import type { GraphqlFailure, ResultOf } from "../graphql/index.ts";
import { openLastingStream, type LastingStream, type LastingStreamDeps } from "../live/lasting-stream.ts";
import type { LiveSession } from "../live/session.ts";
import { Arming } from "./arming.svelte.ts";
import { OPEN_DOOR, OPERATION_CHANGED, type OpeningOperation } from "./documents.ts";
import { notAfterOf, PRESS_COUNTS_MS, pressLife, saysWhatBecame, type PressLife } from "./press-life.ts";
import { isFinal, isOver, provenSteps, type ProvenSteps } from "./stage.ts";

/** Shortest reason: what is shorter tells nobody anything. */
export const REASON_MIN = 3;
/** Longest reason that the form takes. */
export const REASON_MAX = 300;
/** How soon what was not answered is asked for again. */
const ASK_AGAIN_MS = 2_000;

/** What is opened: a path as one, or one lock. */
export type OpeningTarget = { readonly path: string } | { readonly lock: string };

/** Where an opening for somebody else stands, as this page knows it. */
export type OpeningState =
  /** The reason is being written. */
  | { readonly kind: "asking" }
  /** Address and doors are shown; nothing was sent. */
  | { readonly kind: "confirming" }
  /** The hub has been asked and has not answered. */
  | ({ readonly kind: "requesting" } & PressLife)
  /** No answer came: whether the hub has the request is not known here. It is asked again by itself. */
  | ({ readonly kind: "unanswered" } & PressLife)
  /** The hub follows it; what is not ended goes on being told. */
  | { readonly kind: "followed"; readonly operation: OpeningOperation; readonly proven: ProvenSteps }
  /** The hub decided against it; nothing was sent to any door. */
  | {
      readonly kind: "denied";
      readonly reasons: readonly DenialReason[];
      readonly nextStep: { readonly da: string; readonly en: string };
    }
  /** Nothing was done, by this code. */
  | { readonly kind: "refused"; readonly code: string };

/** What an opening needs of its page. */
export interface OpeningDeps extends LastingStreamDeps {
  readonly live: { readonly request: LiveSession["request"]; readonly subscribe: LiveSession["subscribe"] };
  /** A new key of 8 to 64 letters and digits. */
  readonly newKey: () => string;
  /** The hub's time, in milliseconds. */
  readonly hubMs: () => number;
}

/** One opening for somebody else: a sheet has one, and one key, so that no double press opens twice. */
export class Opening {
  state: OpeningState = $state.raw({ kind: "asking" });
  reason = $state("");
  /** The form was sent without a reason that says anything. */
  isReasonMissing = $state(false);
  /** Why it is not followed just now, though it may go on; it is taken up again by itself. */
  lost: GraphqlFailure | undefined = $state.raw();
  readonly #deps: OpeningDeps;
  readonly #arming: Arming;
  readonly #key: string;
  #stream: LastingStream | undefined;
  #isGivenUp = false;
  #callOff: () => void = () => undefined;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
    this.#arming = new Arming(deps.after);
    this.#key = deps.newKey();
  }

  /** Whether the doors of the second confirmation have been there long enough to be read. */
  get isArmed(): boolean {
    return this.#arming.isArmed;
  }

  /** Whether something is under way whose end is not known here. */
  get isUnderWay(): boolean {
    const { kind } = this.state;
    if (this.state.kind === "followed") return !isOver(this.state.operation);
    return kind === "requesting" || kind === "unanswered";
  }

  /** Whether the hub was asked: from then on there is something to know of it. */
  get hasBegun(): boolean {
    return this.state.kind !== "asking" && this.state.kind !== "confirming";
  }

  /** Goes on to the second confirmation, if there is a reason. Answers whether it did. */
  propose(): boolean {
    if (this.state.kind !== "asking") return false;
    this.isReasonMissing = this.reason.trim().length < REASON_MIN;
    if (this.isReasonMissing) return false;
    this.state = { kind: "confirming" };
    this.#arming.begin();
    return true;
  }

  /** Back to the reason. */
  reconsider(): void {
    this.#arming.end();
    if (this.state.kind === "confirming") this.state = { kind: "asking" };
  }

  /** Asks the hub to open. A press before it was armed, and a second one while it is under way, do nothing. */
  async open(target: OpeningTarget): Promise<void> {
    if (this.state.kind !== "confirming" || !this.isArmed) return;
    const life = pressLife(this.#deps.hubMs());
    this.state = { kind: "requesting", ...life };
    await this.#ask(target, life);
  }

  /** Follows it no longer; it goes on without this page. */
  end(): void {
    this.#isGivenUp = true;
    this.#arming.end();
    this.#callOff();
    this.#stream?.end();
  }

  /** One key and one end for all that is asked of one press: what comes too late to open only asks what became of it. */
  async #ask(target: OpeningTarget, life: PressLife): Promise<void> {
    const { live, after } = this.#deps;
    const isFirst = this.state.kind === "requesting";
    const input = { target, idempotencyKey: this.#key, reason: this.reason.trim(), waitMs: 0 };
    const patience = new AbortController();
    // A line that hangs is no line; the next request may find another one.
    const callOff = after(PRESS_COUNTS_MS, () => patience.abort());
    const answer = await live
      .request(OPEN_DOOR, { input: { ...input, notAfter: notAfterOf(life) } }, { signal: patience.signal })
      .catch(() => undefined);
    callOff();
    if (this.#isGivenUp) return;
    if (answer?.ok === true && this.#take(answer.value.openDoor, isFirst)) return;
    if (answer?.ok === false && isFirst && isClear(answer.failure)) {
      this.state = { kind: "refused", code: answer.failure.code };
      return;
    }
    // Anything but a clear word of the hub leaves open whether the request is there.
    this.state = { kind: "unanswered", ...life };
    if (answer?.ok === false && answer.failure.kind === "signed-out") return;
    this.#callOff = after(ASK_AGAIN_MS, () => void this.#ask(target, life));
  }

  /** Answers whether it is a word on this press; after a lost answer, not every refusal is one. */
  #take(answer: ResultOf<typeof OPEN_DOOR>["openDoor"], isFirst: boolean): boolean {
    switch (answer.__typename) {
      case "OpenDoorSuccess":
        this.#show(answer.operation);
        this.#follow(answer.operation);
        return true;
      case "AccessDeniedError":
        this.state = { kind: "denied", reasons: answer.reasons, nextStep: answer.nextStep };
        return true;
      default:
        if (!isFirst && !saysWhatBecame(answer.code)) return false;
        this.state = { kind: "refused", code: answer.code };
        return true;
    }
  }

  #show(operation: OpeningOperation): void {
    const before = this.state.kind === "followed" ? this.state.proven : undefined;
    this.state = { kind: "followed", operation, proven: provenSteps(operation, before) };
  }

  /**
   * Whatever breaks the subscription off, it is taken up again, and begins with how the operation stands then. It goes on
   * behind the end too: a lock that was cut off tells later that it opened.
   */
  #follow(operation: OpeningOperation): void {
    if (isFinal(operation)) return;
    this.#stream = openLastingStream(this.#deps, OPERATION_CHANGED, {
      variables: () => ({ id: operation.id }),
      next: ({ commandChanged }) => {
        this.lost = undefined;
        this.#show(commandChanged);
        if (isFinal(commandChanged)) this.#stream?.end();
      },
      lost: (failure) => (this.lost = failure),
    });
  }
}

function isClear({ kind }: GraphqlFailure): boolean {
  return (
    kind === "forbidden" || kind === "signed-out" || kind === "not-found" || kind === "invalid" || kind === "limited"
  );
}
