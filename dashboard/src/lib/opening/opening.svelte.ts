import type { DenialReason } from "@portner/schema/access";
import type { GraphqlFailure, ResultOf } from "../graphql/index.ts";
import { openLastingStream, type LastingStream, type LastingStreamDeps } from "../live/lasting-stream.ts";
import type { LiveSession } from "../live/session.ts";
import { OPEN_DOOR, OPERATION_CHANGED, type OpeningOperation } from "./documents.ts";
import { isEnded } from "./stage.ts";

/** What is opened: a path as one, or one lock. */
export type OpeningTarget = { readonly path: string } | { readonly lock: string };

/** Where an opening for somebody else stands, as this page knows it. */
export type OpeningState =
  /** The reason is being written. */
  | { readonly kind: "asking" }
  /** Address and doors are shown; nothing was sent. */
  | { readonly kind: "confirming" }
  /** The hub has been asked and has not answered. */
  | { readonly kind: "requesting" }
  /** No answer came: whether the hub has the request is not known here. */
  | { readonly kind: "unanswered" }
  /** The hub follows it; what is not ended goes on being told. */
  | { readonly kind: "followed"; readonly operation: OpeningOperation }
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
}

/** One opening for somebody else: a sheet has one, and one key, so that no double press opens twice. */
export class Opening {
  state: OpeningState = $state.raw({ kind: "asking" });
  reason = $state("");
  /** Why it is not followed just now, though it may go on; it is taken up again by itself. */
  lost: GraphqlFailure | undefined = $state.raw();
  readonly #deps: OpeningDeps;
  readonly #key: string;
  #stream: LastingStream | undefined;

  constructor(deps: OpeningDeps) {
    this.#deps = deps;
    this.#key = deps.newKey();
  }

  /** Whether something is under way whose end is not known here. */
  get isUnderWay(): boolean {
    const { kind } = this.state;
    if (this.state.kind === "followed") return !isEnded(this.state.operation);
    return kind === "requesting" || kind === "unanswered";
  }

  /** Goes on to the second confirmation, if there is a reason. */
  propose(): void {
    if (this.state.kind === "asking" && this.reason.trim() !== "") this.state = { kind: "confirming" };
  }

  /** Back to the reason. */
  reconsider(): void {
    if (this.state.kind === "confirming") this.state = { kind: "asking" };
  }

  /** Asks the hub to open. A second press while it is under way does nothing. */
  async open(target: OpeningTarget): Promise<void> {
    if (this.state.kind !== "confirming" && this.state.kind !== "unanswered") return;
    this.state = { kind: "requesting" };
    const answer = await this.#deps.live.request(OPEN_DOOR, {
      input: { target, idempotencyKey: this.#key, reason: this.reason.trim(), waitMs: 0 },
    });
    if (answer.ok) this.#take(answer.value.openDoor);
    // Anything but a clear word of the hub leaves open whether the request is there.
    else if (isClear(answer.failure)) this.state = { kind: "refused", code: answer.failure.code };
    else this.state = { kind: "unanswered" };
  }

  /** Follows it no longer; it goes on without this page. */
  end(): void {
    this.#stream?.end();
  }

  #take(answer: ResultOf<typeof OPEN_DOOR>["openDoor"]): void {
    switch (answer.__typename) {
      case "OpenDoorSuccess":
        this.state = { kind: "followed", operation: answer.operation };
        this.#follow(answer.operation);
        return;
      case "AccessDeniedError":
        this.state = { kind: "denied", reasons: answer.reasons, nextStep: answer.nextStep };
        return;
      default:
        this.state = { kind: "refused", code: answer.code };
    }
  }

  /** Whatever breaks the subscription off, it is taken up again, and begins with how the operation stands then. */
  #follow(operation: OpeningOperation): void {
    if (isEnded(operation)) return;
    this.#stream = openLastingStream(this.#deps, OPERATION_CHANGED, {
      variables: () => ({ id: operation.id }),
      next: ({ commandChanged }) => {
        this.lost = undefined;
        this.state = { kind: "followed", operation: commandChanged };
        if (isEnded(commandChanged)) this.#stream?.end();
      },
      lost: (failure) => (this.lost = failure),
    });
  }
}

function isClear({ kind }: GraphqlFailure): boolean {
  return kind === "forbidden" || kind === "signed-out" || kind === "not-found" || kind === "invalid";
}
