/** Identity's part of the schema: `viewer`, `signIn`, `signOut`, `renewPhoneSession`. The example for other domains. */
import { ROLES, SCOPES } from "@portner/schema/people";
import { ConflictError, ForbiddenError, InvalidInputError } from "../graphql/errors.ts";
import { INHERITS_RULE } from "../graphql/rules.ts";
import { globalIdText } from "../graphql/scalars.ts";
import { digestOfSecret } from "../kernel/ids.ts";
import { siteOf } from "../kernel/network.ts";
import type { Result } from "../kernel/result.ts";
import { proofFailure } from "./authenticate.ts";
import type { PortnerBuilder } from "./builder.ts";
import { sessionCookie } from "./cookie.ts";
import { signOut } from "./end-session.ts";
import { openPhoneSession, type OpenedSession } from "./open-session.ts";
import type {
  DashboardPrincipal,
  HeldRole,
  KnownPrincipal,
  PhonePrincipal,
  Principal,
  TokenPrincipal,
} from "./principal.ts";
import { renewByProof, type RenewalFailure } from "./renew-session.ts";
import type { SessionIndex } from "./session-index.ts";
import { SIGN_OUTS } from "./sign-out-lane.ts";
import { signIn, type SignInDeps, type SignInFailure } from "./sign-in.ts";

/** What identity's fields stand on. */
export interface IdentityGraphqlDeps extends SignInDeps {
  readonly sessions: SessionIndex;
}

/** Adds identity to the schema, and answers the types that higher floors may add fields to. */
export function extendIdentity(builder: PortnerBuilder, deps: IdentityGraphqlDeps) {
  const refs = addViewer(builder);
  addSignIn(builder, deps, refs.ViewerRef);
  addSignOut(builder, deps);
  addRenewal(builder, deps);
  return refs;
}

function addViewer(builder: PortnerBuilder) {
  const RoleRef = builder.enumType("Role", { values: ROLES, description: "The letters of the permission matrix." });
  const HeldRoleRef = builder.objectRef<HeldRole>("HeldRole").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ role: t.field({ type: RoleRef, resolve: ({ role }) => role }) }),
  });
  const AccountViewerRef = builder.objectRef<DashboardPrincipal>("AccountViewer").implement({
    ...INHERITS_RULE,
    description: "An individual signed in on a dashboard.",
    fields: (t) => ({
      id: t.id({ resolve: ({ accountId }) => globalIdText("Account", accountId) }),
      name: t.exposeString("name"),
      municipality: t.exposeString("municipality", { description: "Where the account works." }),
      roles: t.field({ type: [HeldRoleRef], resolve: ({ roles }) => [...roles] }),
      expiresAt: t.field({ type: "DateTime", resolve: ({ expiresAt }) => expiresAt }),
    }),
  });
  const PhoneViewerRef = builder.objectRef<PhonePrincipal>("PhoneViewer").implement({
    ...INHERITS_RULE,
    description: "An enrolled phone or tablet.",
    fields: (t) => ({
      credentialId: t.id({ resolve: ({ credentialId }) => globalIdText("Credential", credentialId) }),
      hotlinePhone: t.exposeString("hotlinePhone", {
        nullable: true,
        description: "Whom its holder calls day and night, in international form (`+4512345678`), where it was told.",
      }),
      expiresAt: t.field({ type: "DateTime", resolve: ({ expiresAt }) => expiresAt }),
    }),
  });
  const TokenViewerRef = builder.objectRef<TokenPrincipal>("TokenViewer").implement({
    ...INHERITS_RULE,
    description: "An integrator's API token.",
    fields: (t) => ({
      id: t.id({ resolve: ({ tokenId }) => globalIdText("ApiToken", tokenId) }),
      name: t.exposeString("name"),
      scopes: t.stringList({ description: SCOPES.join(" "), resolve: ({ scopes }) => [...scopes] }),
      expiresAt: t.field({ type: "DateTime", resolve: ({ expiresAt }) => expiresAt }),
    }),
  });
  const byKind = { dashboard: AccountViewerRef, phone: PhoneViewerRef, token: TokenViewerRef };
  const ViewerRef = builder.unionType("Viewer", {
    types: [AccountViewerRef, PhoneViewerRef, TokenViewerRef],
    resolveType: (viewer: KnownPrincipal) => byKind[viewer.kind].name,
  });
  builder.queryField("viewer", (t) =>
    t.field({
      type: ViewerRef,
      nullable: true,
      description: "Whoever asks; null before signing in.",
      authScopes: { open: true },
      resolve: (_, _args, { principal }) => (principal.kind === "anonymous" ? null : principal),
    }),
  );
  return { RoleRef, HeldRoleRef, AccountViewerRef, PhoneViewerRef, TokenViewerRef, ViewerRef };
}

function addSignIn(
  builder: PortnerBuilder,
  deps: IdentityGraphqlDeps,
  ViewerRef: ReturnType<typeof addViewer>["ViewerRef"],
): void {
  const Input = builder.inputType("SignInInput", {
    fields: (t) => ({ login: t.string({ required: true }), password: t.string({ required: true }) }),
  });
  const Success = builder.objectRef<{ viewer: KnownPrincipal }>("SignInSuccess").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ viewer: t.field({ type: ViewerRef, resolve: ({ viewer }) => viewer }) }),
  });
  builder.mutationField("signIn", (t) =>
    t.field({
      type: Success,
      description: "Signs in on a dashboard: the answer carries the session as a cookie. Over HTTP only.",
      authScopes: { open: true },
      args: { input: t.arg({ type: Input, required: true }) },
      errors: {},
      resolve: async (_, { input }, { transport }) => {
        if (transport.kind !== "http") throw new ConflictError("sign in over HTTP", "HTTP_ONLY");
        const opened = await signIn(deps, { ...input, network: siteOf(transport.address) });
        if (!opened.ok) throw refusedSignIn(opened.failure);
        const found = await deps.sessions.find("session", digestOfSecret(opened.value.token));
        if (typeof found === "string") throw new ForbiddenError("SIGN_IN_REFUSED", "login or password is wrong");
        transport.setCookie(sessionCookie(opened.value.token, transport.secure));
        return { viewer: found.principal };
      },
    }),
  );
}

function refusedSignIn(failure: SignInFailure): ForbiddenError | ConflictError {
  if (failure.code === "REFUSED") return new ForbiddenError("SIGN_IN_REFUSED", "login or password is wrong");
  if (failure.code === "BUSY") return new ConflictError("many people sign in just now; try again", "BUSY");
  const minutes = Math.ceil(failure.retryAfterMs / 60_000);
  return new ForbiddenError("TOO_MANY_TRIES", `too many tries; again in ${minutes} min`);
}

function addSignOut(builder: PortnerBuilder, deps: IdentityGraphqlDeps): void {
  const Success = builder.objectRef<{ ended: boolean }>("SignOutSuccess").implement({
    ...INHERITS_RULE,
    fields: (t) => ({ ended: t.exposeBoolean("ended") }),
  });
  builder.mutationField("signOut", (t) =>
    t.field({
      type: Success,
      description: "Ends this session, everywhere and at once.",
      extensions: SIGN_OUTS.extensions,
      authScopes: { signedIn: true },
      errors: {},
      resolve: async (_, _args, { principal, transport }) => {
        if (principal.kind !== "dashboard" && principal.kind !== "phone") throw new ForbiddenError();
        const ended = await signOut(deps, principal);
        if (transport.kind === "http") transport.setCookie(sessionCookie("", transport.secure));
        return { ended };
      },
    }),
  );
}

function addRenewal(builder: PortnerBuilder, deps: IdentityGraphqlDeps): void {
  const Success = builder.objectRef<OpenedSession>("RenewPhoneSessionSuccess").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      token: t.exposeString("token"),
      expiresAt: t.field({ type: "DateTime", resolve: ({ expiresAt }) => expiresAt }),
    }),
  });
  builder.mutationField("renewPhoneSession", (t) =>
    t.field({
      type: Success,
      description:
        "A new session for a phone: with a session that still holds, or with `proof` by its device key alone " +
        "(Ed25519 over `renew.<claims>`, claims = base64url of `{iat, cred}`; good once), when the old one has ended.",
      authScopes: { open: true },
      args: { proof: t.arg.string({ required: false }) },
      errors: {},
      resolve: async (_, { proof }, { principal }) => {
        const renewed = await renew(deps, principal, proof ?? undefined);
        if (!renewed.ok) throw refusedRenewal(renewed.failure, deps.clock.now());
        return renewed.value;
      },
    }),
  );
}

function renew(
  deps: IdentityGraphqlDeps,
  principal: Principal,
  proof: string | undefined,
): Promise<Result<OpenedSession, RenewalFailure>> {
  if (proof !== undefined) return renewByProof(deps, proof);
  if (principal.kind !== "phone") throw new ForbiddenError("UNAUTHENTICATED", "show a session or a proof");
  return openPhoneSession(deps, principal.credential);
}

function refusedRenewal(failure: RenewalFailure, now: number): ForbiddenError | InvalidInputError {
  switch (failure.code) {
    case "HOLDER_BLOCKED":
      return new ForbiddenError("RENEWAL_REFUSED", "this phone gets no session");
    case "TOO_MANY_SESSIONS": {
      const seconds = Math.ceil(failure.retryAfterMs / 1_000);
      return new ForbiddenError(failure.code, `this phone has opened many sessions; again in ${seconds} s`);
    }
    case "PROOF_USED":
      return new InvalidInputError("this proof was used before; each is good for one session", ["proof"], failure.code);
    case "PROOF_INVALID":
    case "PROOF_TIME": {
      const { code, message } = proofFailure(failure.code, now);
      return new InvalidInputError(message, ["proof"], code);
    }
  }
}
