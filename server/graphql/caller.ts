import type { Allowance } from "./allowance/allowance.ts";

/**
 * What the kit needs to know of whoever asks; identity's principals extend it.
 * `key` says who shares a quota (an account, a phone, a token, an address). `ended` aborts when the right to be here
 * ends, and everything live of this caller is closed with it.
 */
export interface Caller {
  readonly key: string;
  readonly anonymous: boolean;
  /** Whether a browser attached the credential by itself (a cookie), so that the request must prove its origin. */
  readonly ambient: boolean;
  readonly ended: AbortSignal;
  /** Whether a nobody came with a credential that is not anybody's. */
  readonly stranger?: boolean;
  /** What a caller of its kind may ask over time; the default where absent. */
  readonly allowance?: Allowance | undefined;
}

/** How a request came in. Only an HTTP answer can carry a cookie. `address` is the client's, for throttles. */
export type Transport =
  | { readonly kind: "http"; readonly secure: boolean; readonly address: string; setCookie(value: string): void }
  | { readonly kind: "socket"; readonly secure: boolean; readonly address: string };

/**
 * What every resolver gets. Services are not here: they come into `extendX(builder, deps)`. Each event of a subscription
 * gets a context of its own, so that loaders and authorisation never remember an earlier event.
 */
export interface RequestContext<Principal extends Caller = Caller> {
  readonly principal: Principal;
  readonly transport: Transport;
  /** Price of the whole operation, where it was told before it is executed. */
  readonly price?: number | undefined;
  /** Milliseconds until its caller is told that the operation took too long; absent where it may take as long as it does. */
  readonly leftMs?: () => number;
}
