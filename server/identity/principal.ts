import type { Role, Scope } from "@portner/schema/people";
import type { Caller } from "../graphql/caller.ts";
import type { Policy } from "./policy.ts";

/** A role of an account, within one department or provider where it is scoped to one. Keys are internal. */
export interface HeldRole {
  readonly role: Role;
  readonly department?: number | undefined;
  readonly provider?: number | undefined;
}

/** An individual signed in on a dashboard. Holds no credential, so it can open only for somebody else (remote open). */
export interface DashboardPrincipal extends Caller {
  readonly kind: "dashboard";
  readonly account: number;
  readonly accountId: string;
  readonly name: string;
  readonly tenant: number;
  /** Name of the tenant. */
  readonly municipality: string;
  /** The employee behind the account, if there is one. */
  readonly person?: number | undefined;
  readonly roles: readonly HeldRole[];
  readonly policy: Policy;
  readonly session: number;
  readonly expiresAt: number;
}

/** An enrolled phone or tablet, acting as its person with its own credential and no other. */
export interface PhonePrincipal extends Caller {
  readonly kind: "phone";
  readonly credential: number;
  readonly credentialId: string;
  readonly person: number;
  readonly personId: string;
  readonly department?: number | undefined;
  readonly provider?: number | undefined;
  /** Whom its holder calls day and night (E.164), where the municipality has said so. */
  readonly hotlinePhone?: string | undefined;
  readonly tenant: number;
  readonly policy: Policy;
  readonly session: number;
  readonly expiresAt: number;
}

/** An integrator's API token. */
export interface TokenPrincipal extends Caller {
  readonly kind: "token";
  readonly token: number;
  readonly tokenId: string;
  readonly name: string;
  readonly tenant: number;
  readonly scopes: readonly Scope[];
  readonly policy: Policy;
  readonly expiresAt: number;
}

/** Nobody yet: may sign in, enrol a phone, renew a phone's session. */
export interface AnonymousPrincipal extends Caller {
  readonly kind: "anonymous";
}

/** Whoever asks. */
export type Principal = DashboardPrincipal | PhonePrincipal | TokenPrincipal | AnonymousPrincipal;

/** A principal that belongs to a tenant. */
export type KnownPrincipal = Exclude<Principal, AnonymousPrincipal>;
