import type { Instant } from "../../kernel/clock.ts";
import { InvariantError } from "../../kernel/errors.ts";
import type { BulkDeps, Tally } from "../../people/index.ts";
import { planMemberships } from "./plan-memberships.ts";
import { carryOutPlan, standingMemberships } from "./store.ts";

/** A membership as a file of the care system names it: employee and bundle by external id. */
export interface NamedMembership {
  readonly employee: string;
  readonly bundle: string;
  readonly from: Instant;
  readonly until: Instant | null;
}

/**
 * Makes the memberships of a tenant what they are wanted to be, the wanted being all of them. Persons and bundles must
 * stand already; throws InvariantError otherwise.
 */
export async function syncMemberships(
  deps: BulkDeps,
  wanted: readonly NamedMembership[],
  now: Instant,
): Promise<Tally> {
  const { spans, bundles, persons } = await standingMemberships(deps.tables, deps.tenant);
  const resolved = wanted.map(({ employee, bundle, from, until }) => {
    const keys = { person: persons.get(employee), bundle: bundles.get(bundle) };
    if (keys.person === undefined || keys.bundle === undefined) {
      throw new InvariantError("a membership names a person or bundle that does not stand");
    }
    return { person: keys.person, bundle: keys.bundle, from, until };
  });
  const plan = planMemberships(spans, resolved, now);
  await carryOutPlan(deps, plan);
  const updated = plan.move.length + plan.open.length - plan.ended;
  const { unchanged, ended } = plan;
  return { created: plan.grant.length, updated, unchanged, ended };
}
