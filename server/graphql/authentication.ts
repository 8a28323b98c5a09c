import type { Result } from "../kernel/result.ts";
import type { Caller } from "./caller.ts";

/** What a caller shows of itself. */
export interface Presented {
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** The request's body as it was sent; empty for GET and for sockets. */
  readonly body: Uint8Array;
  /** Whether the client's way to us is encrypted. */
  readonly secure: boolean;
  /** Network address the request came from, for throttles. */
  readonly address: string;
  /**
   * Whether only who is remembered may be found, since too many wrong credentials came from there: whom nothing but a
   * look-up would find is a failure then, and told to come again.
   */
  readonly rememberedOnly?: boolean;
}

/** Why a caller is turned away before anything is executed. `code` is stable and says nothing of what exists. */
export interface AuthenticationFailure {
  readonly code: string;
  readonly message: string;
}

/**
 * Finds out who asks. Whoever shows nothing is an anonymous principal, not a failure. Throws
 * `JournalUnavailableError` where it can't be found out.
 */
export type Authenticate<Principal extends Caller> = (
  presented: Presented,
) => Promise<Result<Principal, AuthenticationFailure>>;
