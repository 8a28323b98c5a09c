import type { ExecutionResult } from "graphql";
import type { SharedAnswer } from "./shared-answer.ts";
import type { SharedRequest } from "./shared-request.ts";

/** A subscriber that goes along with others. */
export interface Member<Item, Event> {
  readonly request: SharedRequest<Item, Event>;
  /** It has everything up to here. */
  position: number;
  execute(event: Event): Promise<ExecutionResult>;
  /** Hands it answers, in order; `false`, and nothing handed, while it is too slow. */
  offer(answers: readonly SharedAnswer[]): boolean;
  /** It goes on alone, from its position. */
  expel(): void;
  /** Its stream ends with this failure. */
  fail(error: unknown): void;
}
