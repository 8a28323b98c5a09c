import type { GraphqlFailure, Result, ResultOf } from "../graphql/index.ts";
import type { QUARANTINED_LOCKS, RELEASE } from "./documents.ts";

/** A lock in quarantine. */
export type QuarantinedLock = ResultOf<typeof QUARANTINED_LOCKS>["locks"]["edges"][number]["node"];
/** What the hub answers to a release. */
export type ReleaseAnswer = Result<ResultOf<typeof RELEASE>, GraphqlFailure>;

/** What releasing works with. */
export interface ReleaseDeps {
  ask(input: {
    readonly lock: string;
    readonly reason: string;
    readonly idempotencyKey: string;
  }): Promise<ReleaseAnswer>;
  /** 8–64 letters and digits; another one each time. */
  newKey(): string;
  /** Told once the hub has recorded it. */
  released(): void;
}

/** The end of one lock's quarantine: nothing is shown as done before the hub has said so. */
export class Release {
  readonly #deps: ReleaseDeps;
  #key = "";
  lock: QuarantinedLock | undefined = $state.raw();
  reason: string = $state("");
  isBusy: boolean = $state(false);
  /** The API's code, where it was refused; `REASON_MISSING` is found here already. */
  code: string | undefined = $state();

  constructor(deps: ReleaseDeps) {
    this.#deps = deps;
  }

  /** Opens the question about a lock. One key a question, so that pressing twice releases once. */
  begin(lock: QuarantinedLock): void {
    this.lock = lock;
    this.reason = "";
    this.code = undefined;
    this.#key = this.#deps.newKey();
  }

  /** Leaves it as it is. */
  cancel(): void {
    if (!this.isBusy) this.lock = undefined;
  }

  /** Sends it, once at a time. */
  async send(): Promise<void> {
    const { lock, reason } = this;
    if (lock === undefined || this.isBusy) return;
    if (reason.trim() === "") {
      this.code = "REASON_MISSING";
      return;
    }
    this.isBusy = true;
    const answer = await this.#deps.ask({ lock: lock.id, reason: reason.trim(), idempotencyKey: this.#key });
    this.isBusy = false;
    this.code = codeOf(answer);
    if (this.code !== undefined) return;
    this.lock = undefined;
    this.#deps.released();
  }
}

function codeOf(answer: ReleaseAnswer): string | undefined {
  if (!answer.ok) return answer.failure.code;
  const { releaseQuarantine: told } = answer.value;
  return told.__typename === "ReleaseQuarantineSuccess" ? undefined : told.code;
}
