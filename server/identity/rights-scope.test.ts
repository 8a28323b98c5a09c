import { Role, ROLES, SCOPES } from "@portner/schema/people";
import fc from "fast-check";
import { expect, test } from "vitest";
import { authorise, type Facts } from "./authorise.ts";
import { OPERATIONS } from "./operation.ts";
import { makePolicy } from "./policy.ts";
import type { DashboardPrincipal, KnownPrincipal, PhonePrincipal, TokenPrincipal } from "./principal.ts";
import { rightsScope } from "./rights-scope.ts";

const ended = new AbortController().signal;
const base = { anonymous: false, ambient: false, ended, expiresAt: 0, session: 1 };

const policies = fc
  .record({
    remoteOpen: fc.constantFrom("off", "onePerson", "twoPersons"),
    rule: fc.constantFrom("own", "no", "yes", "yes+pseudonym", "department"),
  })
  .map(({ remoteOpen, rule }) => makePolicy(remoteOpen, [{ operation: "readDoorEvents", role: "L", rule }]));
const small = fc.integer({ min: 1, max: 2 });
const key = small.map((n) => `caller ${n}`);

const dashboards = fc
  .record({
    policy: policies,
    tenant: small,
    account: small,
    person: small,
    key,
    role: fc.constantFrom(...Role.options),
    place: small,
  })
  .map(({ role, place, ...rest }): DashboardPrincipal => {
    const held = { role, department: role === "P" ? undefined : place, provider: role === "P" ? place : undefined };
    return {
      ...base,
      ...rest,
      kind: "dashboard",
      accountId: `${rest.account}`,
      name: "n",
      municipality: "m",
      roles: [held],
    };
  });
const phones = fc
  .record({ policy: policies, tenant: small, person: small, credential: small, department: small, key })
  .map((each): PhonePrincipal => ({ ...base, ...each, kind: "phone", credentialId: "c", personId: "p" }));
const tokens = fc
  .record({ policy: policies, tenant: small, token: small, key, scopes: fc.subarray([...SCOPES], { maxLength: 1 }) })
  .map((each): TokenPrincipal => ({ ...base, ...each, kind: "token", tokenId: `${each.token}`, name: "t" }));
const callers = fc.oneof(dashboards, phones, tokens);

const facts: fc.Arbitrary<Facts> = fc.record({
  tenant: small,
  department: fc.option(small, { nil: undefined }),
  provider: fc.option(small, { nil: undefined }),
  owner: fc.option(small, { nil: undefined }),
  jobOf: fc.subarray([...ROLES]),
});

test("callers of one scope have the same rights to everything", () => {
  const byScope = new Map<string, KnownPrincipal>();
  let shared = 0;
  fc.assert(
    fc.property(callers, fc.array(facts, { minLength: 5, maxLength: 20 }), (caller, things) => {
      const scope = rightsScope(caller);
      const twin = byScope.get(scope);
      byScope.set(scope, caller);
      if (twin === undefined) return;
      shared += twin === caller ? 0 : 1;
      for (const operation of OPERATIONS) {
        for (const thing of things)
          expect(authorise(caller, operation, thing)).toEqual(authorise(twin, operation, thing));
      }
    }),
    { numRuns: 600, seed: 20_261_122 },
  );
  expect(shared).toBeGreaterThan(100);
});

test("who asks counts only where it must: two of the hotline share, two tokens and two carers never do", () => {
  const policy = makePolicy("off");
  const hotline = (account: number): DashboardPrincipal => ({
    ...{ ...base, kind: "dashboard", policy, tenant: 1, account, accountId: `${account}`, name: `n${account}` },
    ...{ person: account, key: `account ${account}`, municipality: "m", roles: [{ role: "H" }] },
  });
  expect(rightsScope(hotline(1))).toBe(rightsScope(hotline(2)));
  const carer = (person: number): PhonePrincipal => ({
    ...{ ...base, kind: "phone", policy, tenant: 1, person, credential: person, credentialId: "c" },
    ...{ personId: "p", key: `phone ${person}` },
  });
  expect(rightsScope(carer(1))).not.toBe(rightsScope(carer(2)));
  const token = (tokenId: string): TokenPrincipal => ({
    ...{ ...base, kind: "token", policy, tenant: 1, token: 1, tokenId, name: "t", scopes: [], key: tokenId },
  });
  expect(rightsScope(token("a"))).not.toBe(rightsScope(token("b")));
});
