export { authorise, mayAtAll, REVIEW_WITHIN_MS } from "./authorise.ts";
export type { Denied, Facts, Permission } from "./authorise.ts";
export type { PortnerBuilder, PortnerContext } from "./builder.ts";
export { isOperation, OPERATIONS } from "./operation.ts";
export type { Operation } from "./operation.ts";
export { makePolicy } from "./policy.ts";
export type { Policy } from "./policy.ts";
export type {
  AnonymousPrincipal,
  DashboardPrincipal,
  HeldRole,
  KnownPrincipal,
  PhonePrincipal,
  Principal,
  TokenPrincipal,
} from "./principal.ts";
export type { Narrowing } from "./rule.ts";
