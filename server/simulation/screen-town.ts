import type { Role } from "@portner/schema/people";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { ensureDashboardBuilt } from "../boot/dashboard-build.ts";
import { createAccount, type HeldRole } from "../identity/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { tenantByPublicId } from "../people/index.ts";
import { eventually, request, signInAs, type Credentials } from "./api-client.ts";
import type { HubProcess } from "./hub-process.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

const PASSWORD = "correct horse battery staple";
const LOCKS = 30;
const SEED = 21;
/** A hub loads its pages behind its API. */
const PAGES_MS = 30_000;

/** A login with its password. */
export interface ScreenAccount {
  readonly login: string;
  readonly name: string;
  readonly password: string;
}

/** A town whose hub serves the dashboard, for tests that drive a browser. */
export interface ScreenTown {
  readonly town: RunningTown;
  /** The hub that runs now; see {@link restart}. */
  readonly hub: HubProcess;
  readonly locks: SimulatedLocks;
  /** An account with this role: of its own department or provider where the role is bound to one. Made once a role. */
  account(role: Role): Promise<ScreenAccount>;
  /** The `Cookie` header of a fresh session of this role's account. */
  session(role: Role): Promise<string>;
  /** Kills the hub and starts it again on the same port. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

/** Starts everything: the build of the pages where it is missing, database, broker, hub and locks. */
export async function startScreenTown({ locks = LOCKS, seed = SEED } = {}): Promise<ScreenTown> {
  // The hub serves just this build, whatever becomes of the sources meanwhile.
  const dashboard = await ensureDashboardBuilt(systemClock);
  const world = generateTown({ seed, locks });
  // One viewer at a time sits before these screens, so that one person is enough to open a door from there.
  const town = await startTown({ ...world, policy: { ...world.policy, remoteOpen: "onePerson" } });
  try {
    const state = { hub: await hubWithPages(town, { dashboard, port: 0 }) };
    const simulated = await town.locks(state.hub.url);
    const accounts = new Map<Role, Promise<ScreenAccount>>();
    // One a role while it lasts: an account opens only so many in a minute.
    const sessions = new Map<Role, Credentials>();
    const account = (role: Role): Promise<ScreenAccount> => {
      const made = accounts.get(role) ?? makeAccount(town, role);
      accounts.set(role, made);
      return made;
    };
    return {
      town,
      get hub() {
        return state.hub;
      },
      locks: simulated,
      account,
      session: async (role) => {
        const { login, password } = await account(role);
        const known = sessions.get(role);
        const session =
          known !== undefined && (await isSignedIn(state.hub.url, known))
            ? known
            : await signInAs(state.hub.url, login, password);
        sessions.set(role, session);
        return session("")["cookie"] ?? "";
      },
      restart: async () => {
        const port = Number(new URL(state.hub.url).port);
        await state.hub.kill();
        state.hub = await hubWithPages(town, { dashboard, port });
      },
      end: () => town.end(),
    };
  } catch (error) {
    await town.end();
    throw error;
  }
}

async function hubWithPages(
  town: RunningTown,
  order: { readonly dashboard: string; readonly port: number },
): Promise<HubProcess> {
  const hub = await town.hub(0, order);
  const isShown = async (): Promise<true | undefined> => (await fetch(`${hub.url}/sign-in`)).ok || undefined;
  await eventually(isShown, PAGES_MS);
  return hub;
}

async function isSignedIn(url: string, who: Credentials): Promise<boolean> {
  const answer = z.object({ viewer: z.object({ __typename: z.string() }).nullable() });
  // A session that has ended is refused as a whole.
  const told = await request(url, who, { document: "{ viewer { __typename } }", answer }).catch(() => undefined);
  return told?.viewer?.__typename === "AccountViewer";
}

async function makeAccount(town: RunningTown, role: Role): Promise<ScreenAccount> {
  const { tables } = town.db.database;
  const tenant = (await tenantByPublicId(tables, town.world.tenant.id))?.id ?? 0;
  const account = {
    login: `screen-${role.toLowerCase()}@example.test`,
    name: `Åse Rødgård ${role}`,
    password: PASSWORD,
  };
  const made = await createAccount(town.outside, { ...account, tenant, roles: [await heldRole(town, role)] });
  if (!made.ok) throw new PortnerError(made.failure.code, "an account was not made");
  return account;
}

async function heldRole({ db, world }: RunningTown, role: Role): Promise<HeldRole> {
  if (role !== "C" && role !== "L" && role !== "P") return { role };
  const table = role === "P" ? "provider" : "department";
  const { raw } = db.database;
  const [row] = await raw<{ id: number }[]>`
    SELECT own.id FROM ${raw(table)} own JOIN tenant ON tenant.id = own.tenant
    WHERE tenant.public_id = ${world.tenant.id} ORDER BY own.id LIMIT 1`;
  return role === "P" ? { role, provider: row?.id ?? 0 } : { role, department: row?.id ?? 0 };
}
