import { DENIAL_GUIDES, type Decision, type DenialReason } from "@portner/schema/access";
import { ForbiddenError, NotFoundError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { parseGlobalId } from "../../graphql/scalars.ts";
import { authorise, type PortnerBuilder, type Principal } from "../../identity/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import type { LocksGraphql } from "../../locks/graphql/graphql.ts";
import type { LockRegistry } from "../../locks/index.ts";
import { personsByIds } from "../../people/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { CredentialNames } from "../credential-names.ts";
import { explain, type DecisionStep, type Explanation } from "../explain.ts";
import { seesChain, type OpeningRefs } from "../opening/graphql.ts";

/** What `decide` stands on. */
export interface DecideGraphqlDeps {
  readonly index: AccessIndex;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly registry: LockRegistry;
}

/**
 * Adds `decide`: a rehearsal. It writes nothing, and nothing may open on it. What stands behind the verdict is told to
 * accounts only: the side of the door gets the most telling reason and what to do next.
 */
export function addDecide(
  builder: PortnerBuilder,
  deps: DecideGraphqlDeps,
  refs: { readonly opening: OpeningRefs; readonly locks: LocksGraphql },
): void {
  const DecisionRef = addDecisionType(builder, refs.opening);
  const names = new CredentialNames(deps.tables);
  const Input = builder.inputType("DecideInput", {
    fields: (t) => ({
      credential: t.id({ required: true }),
      lock: t.id({ required: true }),
      minRevision: t.field({ type: "Cursor", description: "Do not answer from anything older." }),
    }),
  });
  builder.queryField("decide", (t) =>
    t.field({
      type: DecisionRef,
      description: "May this credential open this lock now? A rehearsal: nothing is written, nothing may open on it.",
      authScopes: { may: "decide" },
      args: { input: t.arg({ type: Input, required: true }) },
      resolve: async (_, { input }, { principal }) => {
        const credential = await credentialFor({ deps, names }, principal, String(input.credential));
        const lock = lockFor(deps, refs.locks, principal, String(input.lock));
        const at = deps.clock.now();
        return explain(deps.index, { credential, lock, at, minRevision: input.minRevision ?? undefined });
      },
    }),
  );
}

function addDecisionType(builder: PortnerBuilder, { DenialReasonRef, NextStepRef }: OpeningRefs) {
  const StepRef = builder.objectRef<DecisionStep>("DecisionStep").implement({
    ...INHERITS_RULE,
    description: "One check of the chain behind a decision, in order.",
    fields: (t) => ({
      reason: t.field({
        type: DenialReasonRef,
        description: "What the answer is where the check fails.",
        resolve: (step) => step.reason,
      }),
      passed: t.exposeBoolean("passed"),
      sentenceDa: t.string({ resolve: (step) => DENIAL_GUIDES[step.reason].da.sentence }),
      sentenceEn: t.string({ resolve: (step) => DENIAL_GUIDES[step.reason].en.sentence }),
      since: t.field({ type: "DateTime", nullable: true, resolve: (step) => step.since ?? null }),
      until: t.field({ type: "DateTime", nullable: true, resolve: (step) => step.until ?? null }),
    }),
  });
  return builder.objectRef<Explanation>("Decision").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      outcome: t.string({ description: "allow or deny.", resolve: ({ decision }) => decision.outcome }),
      basis: t.string({
        nullable: true,
        description: "The kind of right it rests on; for accounts.",
        resolve: ({ decision }, _args, { principal }) => (seesChain(principal) ? basisOf(decision) : null),
      }),
      reasons: t.field({
        type: [DenialReasonRef],
        description: "Most telling first: all of them for accounts, that one for anybody else.",
        resolve: ({ decision }, _args, { principal }) =>
          reasonsOf(decision).slice(0, seesChain(principal) ? undefined : 1),
      }),
      nextStep: t.field({
        type: NextStepRef,
        nullable: true,
        resolve: ({ decision }) => reasonsOf(decision)[0] ?? null,
      }),
      chain: t.field({
        type: [StepRef],
        description: "Every check, in order; for accounts. Empty for anybody else.",
        resolve: ({ steps }, _args, { principal }) => (seesChain(principal) ? [...steps] : []),
      }),
      revision: t.field({ type: "Cursor", resolve: ({ decision }) => decision.revision }),
    }),
  });
}

function basisOf(decision: Decision): string | null {
  return decision.outcome === "allow" ? decision.basis.type : null;
}

function reasonsOf(decision: Decision): DenialReason[] {
  return decision.outcome === "deny" ? [...decision.reasons] : [];
}

async function credentialFor(
  { deps, names }: { readonly deps: DecideGraphqlDeps; readonly names: CredentialNames },
  principal: Principal,
  globalId: string,
): Promise<number> {
  const parsed = parseGlobalId(globalId);
  const found = parsed.typename === "Credential" ? await names.find(parsed.id) : undefined;
  const holder = found === undefined ? undefined : await holderOf(deps, found.person);
  if (found === undefined || holder === undefined) throw new NotFoundError();
  const { tenant, department, provider } = holder;
  const facts = { tenant, department: department ?? undefined, provider: provider ?? undefined, owner: found.person };
  const allowed = authorise(principal, "decide", facts);
  if (!allowed.ok) throw allowed.failure.code === "NO_ROLE" ? new ForbiddenError() : new NotFoundError();
  return found.id;
}

/** Whose reach somebody is in; from Postgres where the index can't be trusted or has not met them yet. */
async function holderOf({ index, tables }: DecideGraphqlDeps, person: number) {
  const known = index.isStale() ? undefined : index.facts.persons.get(person);
  if (known !== undefined) return known;
  const [row] = await personsByIds(tables, [person]);
  return row;
}

/** Whoever holds a phone may try any door of the town with it; whoever asks about others, those in their own reach. */
function lockFor(
  { registry }: DecideGraphqlDeps,
  { rights, lockOf }: LocksGraphql,
  principal: Principal,
  globalId: string,
): number {
  const parsed = parseGlobalId(globalId);
  const lock = parsed.typename === "Lock" ? registry.byId(parsed.id) : undefined;
  const place = lock === undefined ? undefined : lockOf(lock.lock)?.place;
  if (place === undefined || principal.kind === "anonymous") throw new NotFoundError();
  const inReach = principal.kind === "phone" ? place.tenant === principal.tenant : rights.mayAskAbout(principal, place);
  if (!inReach) throw new NotFoundError();
  return place.lock;
}
