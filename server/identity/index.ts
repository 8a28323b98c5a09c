export { createAccount, endAccount, loginFault } from "./accounts.ts";
export type { AccountDeps, AccountFailure, MadeAccount, NewAccount } from "./accounts.ts";
export { createAuthenticate } from "./authenticate.ts";
export { authorise, mayAtAll } from "./authorise.ts";
export type { Denied, Facts, Permission } from "./authorise.ts";
export type { PortnerBuilder, PortnerRef, PortnerContext } from "./builder.ts";
export { createEndSessions } from "./end-session.ts";
export { endedSessionEntries, type EndedSessions } from "./ended-session-entries.ts";
export { extendIdentity } from "./graphql.ts";
export type { IdentityGraphqlDeps } from "./graphql.ts";
export { openPhoneSession } from "./open-session.ts";
export type { OpenedSession, SessionDeps, SessionRefused } from "./open-session.ts";
export type { Operation } from "./operation.ts";
export { Passwords } from "./password.ts";
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
export { REVOCATIONS } from "./revocations.ts";
export { SIGN_OUTS } from "./sign-out-lane.ts";
export { rightsScope } from "./rights-scope.ts";
export type { Narrowing } from "./rule.ts";
export { SessionIndex } from "./session-index.ts";
export { accountNames, accountsOf, tokensOf } from "./store/accounts.ts";
export { TokenUse } from "./token-use.ts";
export { createToken, revokeToken } from "./tokens.ts";
export type { MadeToken, TokenFailure } from "./tokens.ts";
