import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { globalIdText } from "../../../graphql/scalars.ts";
import type { KnownPrincipal, Principal } from "../../../identity/index.ts";
import { InvariantError } from "../../../kernel/errors.ts";
import { newId } from "../../../kernel/ids.ts";
import { systemRandom } from "../../../kernel/random.ts";
import { dashboardOf, phoneOf, startSchemaTown, tokenOf, type SchemaTown } from "../../../simulation/schema-town.ts";
import { endingItem } from "../ending.ts";
import { openDoor } from "../open-door.ts";
import type { OpenRequest } from "../request.ts";

/** The account that principals of the test town stand for. */
const ACCOUNT = 5;

let hub: SchemaTown;
let tenant: number;
let lock: number;

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 12 });
  tenant = hub.town.tenant;
  lock = hub.core.directory.ofTenant(tenant)[0]?.lock ?? 0;
});
afterAll(() => hub.stop());

/** Something that was asked for and denied: an operation all the same, with whoever asked. Answers its id. */
async function ask(who: Pick<OpenRequest["opener"], "asker" | "person" | "account">): Promise<string> {
  const opener = { ...who, tenant, caller: newId(systemRandom), credentialId: "nobody-0001", stillMay: () => true };
  const request = { opener, target: { lock }, idempotencyKey: newId(systemRandom), reason: "locked out" };
  const asked = await openDoor(hub.core.opening, request);
  if (asked.ok || asked.failure.code !== "DENIED") throw new InvariantError("it was not denied");
  return asked.failure.operation;
}

const remotely = (account: number) => ask({ asker: { type: "remote", person: null }, person: undefined, account });

const Item = z.object({ commandChanged: z.object({ id: z.string(), outcome: z.string() }) });

function watch(principal: Principal, operation: string) {
  const id = globalIdText("Operation", operation);
  return hub.listen("subscription($id: ID!) { commandChanged(id: $id) { id outcome } }", principal, { id });
}

/** The outcome that the first answer tells, or the code of the error. */
async function seen(principal: Principal, operation: string): Promise<string> {
  const live = await watch(principal, operation);
  const first = live.next().then(
    ({ value }) => Item.parse(value.data).commandChanged.outcome,
    (failure: unknown) => z.object({ code: z.string() }).parse(failure).code,
  );
  return first.finally(() => live.return?.());
}

/** The same principal as another account. */
function asAccount(principal: Principal, account: number): Principal {
  return principal.kind === "dashboard" ? { ...principal, account } : principal;
}

test.each(["C", "L", "A", "V", "H", "I", "B", "P", "D"] as const)(
  "%s watches what the own account asked for, whatever else it may see, and not what another's did",
  async (role) => {
    const held = { role, department: 999, provider: 999 };
    const [own, others] = [await remotely(ACCOUNT), await remotely(ACCOUNT + 1)];
    const me = dashboardOf(tenant, [held]);
    expect(await seen(me, own)).toBe("denied");
    // Who reads every door event of the municipality sees every operation.
    const everything = role === "A" || role === "D";
    expect(await seen(me, others)).toBe(everything ? "denied" : "NOT_FOUND");
    expect(await seen(asAccount(me, ACCOUNT + 1), others)).toBe("denied");
    // The same account key next door is somebody else.
    expect(await seen(dashboardOf(tenant + 1, [held]), own)).toBe("NOT_FOUND");
  },
);

test("a phone watches what its own credential asked for, and a token what its scope shows; neither is an account", async () => {
  const credential = phone().credential;
  const own = await ask({ asker: { type: "credential", credential }, person: 1, account: undefined });
  expect(await seen(phone(), own)).toBe("denied");
  expect(await seen({ ...phone(), credential: credential + 1, person: 999 }, own)).toBe("NOT_FOUND");
  const remote = await remotely(1);
  expect(await seen(phone(), remote)).toBe("NOT_FOUND");
  expect(await seen(tokenOf(tenant, ["locks:read"]), remote)).toBe("NOT_FOUND");
  expect(await seen(tokenOf(tenant, ["events:read"]), remote)).toBe("denied");
});

function phone(): Extract<KnownPrincipal, { kind: "phone" }> {
  const principal = phoneOf(tenant, 1);
  if (principal.kind !== "phone") throw new InvariantError("that is no phone");
  return principal;
}

test("whoever watches hears of the end, though no command changes with it", async () => {
  const operation = newId(systemRandom);
  const begun = await remotely(ACCOUNT);
  const { raw } = hub.town.database;
  // As one that still runs: what was denied has ended.
  await raw`UPDATE operation SET id = ${operation}, outcome = 'running' WHERE id = ${begun}`;
  const live = await watch(dashboardOf(tenant, [{ role: "V" }]), operation);
  expect(Item.parse((await live.next()).value.data).commandChanged.outcome).toBe("running");
  const next = live.next();
  const about = { operation, tenant, path: undefined, person: undefined, credential: undefined, account: ACCOUNT };
  await hub.core.recorder.record(endingItem(about, { at: Date.now(), stoppedAt: lock, cause: "unknown" }));
  const since = performance.now();
  expect(Item.parse((await next).value.data).commandChanged.outcome).toBe("partial");
  // A beat would tell it as well, ten seconds later.
  expect(performance.now() - since).toBeLessThan(5_000);
  await live.return?.();
});
