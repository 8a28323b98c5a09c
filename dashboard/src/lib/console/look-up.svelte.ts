import type { GraphqlFailure, Result, ResultOf } from "../graphql/index.ts";
import type { LOOK_UP } from "./documents.ts";

/** What a look-up answers. */
export type LookUpAnswer = ResultOf<typeof LOOK_UP>["lookUpCitizen"];
/** A citizen who was found. */
export type FoundCitizen = Extract<LookUpAnswer, { __typename: "LookUpCitizenSuccess" }>["citizens"][number];

/** What is asked: all three, or nothing is looked up. */
export interface LookUpInput {
  readonly text: string;
  /** User id of whoever called. */
  readonly callerId: string;
  readonly purpose: string;
}

/** The hub's own limits; it refuses what lies beyond. */
export const LOOK_UP_LIMITS = { text: 2, textMax: 120, purpose: 3, purposeMax: 300, callerMax: 64 } as const;

/** So many citizens the hub shows at once; who needs another one says more. */
export const CITIZENS_SHOWN_MAX = 20;

/** A field that has to be filled in before anything is looked up. */
export type MissingField = keyof LookUpInput;

/** How a look-up stands. */
export type LookUpState =
  | { readonly kind: "ready" }
  | { readonly kind: "asking" }
  | { readonly kind: "found"; readonly citizens: readonly FoundCitizen[]; readonly callerId: string | null }
  /** By the API's code. */
  | { readonly kind: "refused"; readonly code: string };

/** The state that an answer leads to. */
export function stateAfter(answer: Result<{ readonly lookUpCitizen: LookUpAnswer }, GraphqlFailure>): LookUpState {
  if (!answer.ok) return { kind: "refused", code: answer.failure.code };
  const { lookUpCitizen: told } = answer.value;
  if (told.__typename === "LookUpCitizenSuccess")
    return { kind: "found", citizens: told.citizens, callerId: told.callerId };
  return { kind: "refused", code: told.code };
}

/** What is still missing of a look-up. */
export function missingIn({ text, callerId, purpose }: LookUpInput): readonly MissingField[] {
  const missing: MissingField[] = [];
  if (text.trim().length < LOOK_UP_LIMITS.text) missing.push("text");
  if (callerId.trim() === "") missing.push("callerId");
  if (purpose.trim().length < LOOK_UP_LIMITS.purpose) missing.push("purpose");
  return missing;
}

/** The look-up of a citizen: what is filled in, what is missing, and what came of it. Nothing of it outlives the page. */
export class LookUp {
  text: string = $state("");
  callerId: string = $state("");
  purpose: string = $state("");
  state: LookUpState = $state.raw({ kind: "ready" });
  /** Told only after somebody tried to send. */
  missing: readonly MissingField[] = $state.raw([]);
  /** The user id that the hub knew of nobody. */
  #unknownCaller: string | undefined = $state();

  /** Who calls, as far as nobody denied it: a user id that the hub knows of nobody goes along to no page. */
  get caller(): string {
    return this.isCallerUnknown ? "" : this.callerId.trim();
  }

  /** Whether the hub knows nobody by the user id that stands there. */
  get isCallerUnknown(): boolean {
    return this.callerId.trim() === this.#unknownCaller;
  }

  /** Begins with this text, and forgets what was found before. */
  begin(text: string): void {
    this.text = text;
    this.state = { kind: "ready" };
    this.missing = [];
  }

  /** Takes an answer about this caller, whom it may name in full. */
  take(state: LookUpState, said: string): void {
    this.state = state;
    if (state.kind === "refused" && state.code === "CALLER_UNKNOWN") this.#unknownCaller = said;
    if (state.kind === "found" && state.callerId !== null && this.callerId.trim() === said) {
      this.callerId = state.callerId;
    }
  }

  /** The first field that is still empty or known to be wrong; where there is none, the purpose. */
  get firstOpen(): MissingField {
    if (this.isCallerUnknown) return "callerId";
    return missingIn(this)[0] ?? "purpose";
  }

  /** Asks, once at a time, unless something is missing. */
  async send(ask: (input: LookUpInput) => Promise<LookUpState>): Promise<void> {
    this.missing = missingIn(this);
    if (this.missing.length > 0 || this.state.kind === "asking") return;
    this.state = { kind: "asking" };
    const { text, callerId, purpose } = this;
    this.take(await ask({ text: text.trim(), callerId: callerId.trim(), purpose: purpose.trim() }), callerId.trim());
  }
}
