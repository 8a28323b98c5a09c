import type { KeyObject } from "node:crypto";
import type { Role } from "@portner/schema/people";
import { SCOPES } from "@portner/schema/people";
import type { World } from "@portner/schema/world";
import { z } from "zod";
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { globalIdText } from "../graphql/scalars.ts";
import { createAccount, createToken, type HeldRole } from "../identity/index.ts";
import { importWorld } from "../integrations/index.ts";
import { PortnerError } from "../kernel/errors.ts";
import { tenantByPublicId } from "../people/index.ts";
import { ANONYMOUS, bearer, enrolPhone, request, signInAs, type Credentials, type TestPhone } from "./api-client.ts";
import { signedClaim, unitKeyPair } from "./claim.ts";
import type { HubProcess } from "./hub-process.ts";
import { startTown, type RunningTown } from "./running-town.ts";

const PASSWORD = "correct horse battery staple";
const TOKEN_LIFE_MS = 3_600_000;
const LOCKS = 60;

/** What a commissioned unit has in its flash. */
export interface UnitKeys {
  readonly id: string;
  readonly tenant: string;
  readonly brokerSecret: string;
  readonly telemetryKey: Uint8Array;
  readonly key: KeyObject;
}

/** One home with a lock in service, and a carer who may open it with an enrolled phone. Ids are global ones. */
export interface Ground {
  readonly lock: string;
  readonly lockId: string;
  readonly serial: string;
  /** What its unit lives by, for tests that speak as the lock. */
  readonly unit: UnitKeys;
  readonly path: string;
  readonly citizen: string;
  readonly citizenName: string;
  /** Street and number, as people type it. */
  readonly street: string;
  /** Care system's user id of the carer. */
  readonly employee: string;
  readonly phone: TestPhone;
  readonly credential: string;
}

/** A town and its neighbour on one hub, with somebody in every role. */
export interface ApiTown {
  readonly town: RunningTown;
  readonly hub: HubProcess;
  readonly neighbour: World;
  readonly who: Readonly<Record<Role, Credentials>>;
  /** Text of the integrator's token, which has every scope. */
  readonly token: string;
  /** In the district, department and bundle of C, L and E. */
  readonly own: Ground;
  /** In another district, department and bundle. */
  readonly other: Ground;
  /** A home of the provider's bundle and one of its staff, for P. */
  readonly provider: Ground;
  /** In the neighbouring municipality. */
  readonly foreign: Ground;
  /** Central administration next door. */
  readonly neighbourAdministrator: Credentials;
  /** A fresh account with this role, signed in. */
  signIn(role: HeldRole): Promise<{ readonly credentials: Credentials; readonly login: string }>;
  /** A token of the town with these scopes. */
  tokenWith(scopes: readonly (typeof SCOPES)[number][]): Promise<string>;
  /** A further phone of an employee of the town. */
  phoneOf(employee: string): Promise<TestPhone>;
  readonly password: string;
}

/** The neighbour: another seed, with names of its own for everything that is unique over all tenants. */
function neighbourWorld(): World {
  const text = worldText(generateTown({ seed: 12, locks: 20 }));
  return JSON.parse(
    text.replaceAll('"FJ1', '"GB1').replaceAll('"PM-', '"GB-').replaceAll("Fjordby Kommune", "Gulbjerg Kommune"),
  );
}

/** Starts one; `output` hears what the hub prints. The given world replaces the town's. */
export async function startApiTown(
  options: { readonly output?: (text: string) => void; readonly logLevel?: "warn" | "debug" } = {},
): Promise<ApiTown> {
  const town = await startTown(generateTown({ seed: 11, locks: LOCKS }));
  try {
    return await furnish(town, options);
  } catch (error) {
    await town.end();
    throw error;
  }
}

async function furnish(
  town: RunningTown,
  { output, logLevel = "warn" }: { readonly output?: (text: string) => void; readonly logLevel?: "warn" | "debug" },
): Promise<ApiTown> {
  const neighbour = neighbourWorld();
  const imported = await importWorld(town.outside, worldText(neighbour));
  if (!imported.ok) throw new PortnerError("IMPORT", JSON.stringify(imported.failure));
  const tenant = await tenantKey(town, town.world);
  const hub = await town.hub(0, { logLevel }, output);
  let accounts = 0;
  const signIn = async (role: HeldRole, at = tenant) => {
    accounts += 1;
    const login = `role-${role.role.toLowerCase()}-${accounts}@example.test`;
    const roles = [role];
    const made = await createAccount(town.outside, {
      tenant: at,
      login,
      name: `Rolle ${role.role}`,
      password: PASSWORD,
      roles,
    });
    if (!made.ok) throw new PortnerError(made.failure.code, "an account was not made");
    return { credentials: await signInAs(hub.url, login, PASSWORD), login };
  };
  const tokenWith = async (scopes: readonly (typeof SCOPES)[number][]): Promise<string> => {
    const made = await createToken(town.outside, { tenant, name: "Omsorgssystem", scopes, lifeMs: TOKEN_LIFE_MS });
    if (!made.ok) throw new PortnerError(made.failure.code, "a token was not made");
    return made.value.text;
  };
  const administrator = (await signIn({ role: "A" })).credentials;
  const neighbourAdministrator = (await signIn({ role: "A" }, await tenantKey(town, neighbour))).credentials;
  const ground = (bundle: string, by: Credentials = administrator, world = town.world) =>
    prepare({ town, url: hub.url, world, by }, bundle);
  const own = await ground("bundt-oest");
  const department = await keyOf(town, "department", "hjemmepleje-oest");
  const held = {
    C: { role: "C", department },
    L: { role: "L", department },
    V: { role: "V" },
    H: { role: "H" },
    I: { role: "I" },
    B: { role: "B" },
    P: { role: "P", provider: await keyOf(town, "provider", "leverandoer-havblik") },
    D: { role: "D" },
  } as const satisfies Partial<Record<Role, HeldRole>>;
  const as = async (role: keyof typeof held): Promise<Credentials> => (await signIn(held[role])).credentials;
  const token = await tokenWith(SCOPES);
  return {
    ...{ town, hub, neighbour, token, own, neighbourAdministrator, signIn, tokenWith, password: PASSWORD },
    other: await ground("bundt-vest"),
    provider: await ground("bundt-havblik"),
    foreign: await ground("bundt-vest", neighbourAdministrator, neighbour),
    phoneOf: (employee) => enrolPhone(hub.url, administrator, employee),
    who: {
      ...{ A: administrator, E: own.phone.credentials, G: bearer(token) },
      ...{ C: await as("C"), L: await as("L"), V: await as("V"), H: await as("H"), I: await as("I") },
      ...{ B: await as("B"), P: await as("P"), D: await as("D") },
    },
  };
}

async function tenantKey({ db }: RunningTown, world: World): Promise<number> {
  return (await tenantByPublicId(db.database.tables, world.tenant.id))?.id ?? 0;
}

async function keyOf(
  { db, world }: RunningTown,
  table: "department" | "provider",
  externalId: string,
): Promise<number> {
  const { raw } = db.database;
  const [row] = await raw<{ id: number }[]>`
    SELECT own.id FROM ${raw(table)} own JOIN tenant ON tenant.id = own.tenant
    WHERE own.external_id = ${externalId} AND tenant.public_id = ${world.tenant.id}`;
  return row?.id ?? 0;
}

interface Furnishing {
  readonly town: RunningTown;
  readonly url: string;
  readonly world: World;
  readonly by: Credentials;
}

/** Commissions the lock of a flat's door that only this bundle opens, and enrols a phone of somebody in the bundle. */
async function prepare({ town, url, world, by }: Furnishing, bundle: string): Promise<Ground> {
  const open = world.memberships.filter((each) => each.to === undefined);
  const member = open.find(
    (each) =>
      each.bundle === bundle &&
      open.filter((one) => one.employee === each.employee).every((one) => !isElsewhere(one.bundle, bundle)),
  );
  const path = world.paths.find(
    ({ doors, bundles }) => bundles.length === 1 && bundles[0] === bundle && lockOf(world, doors.at(-1)) !== undefined,
  );
  const lock = lockOf(world, path?.doors.at(-1));
  const citizen = world.citizens.find((each) => each.externalId === path?.citizen);
  if (member === undefined || path === undefined || lock === undefined || citizen === undefined) {
    throw new PortnerError("TOWN_TOO_SMALL", `no home of \`${bundle}\` alone`);
  }
  const { lockId, unit } = await commissionLock(url, lock);
  const phone = await enrolPhone(url, by, member.employee);
  const idOf = async (table: "path" | "citizen", { externalId }: { readonly externalId: string }) =>
    globalIdText(table === "path" ? "Path" : "Citizen", await publicIdOf(town, { table, world, externalId }));
  const home = world.addresses.find((each) => each.externalId === citizen.address);
  return {
    ...{ phone, credential: phone.credential, employee: member.employee, serial: lock.serial, lockId, unit },
    ...{ citizen: await idOf("citizen", citizen), citizenName: citizen.name },
    ...{ lock: globalIdText("Lock", lockId), path: await idOf("path", path) },
    street: `${home?.street} ${home?.number}`,
  };
}

async function publicIdOf(
  { db }: RunningTown,
  {
    table,
    world,
    externalId,
  }: { readonly table: "path" | "citizen"; readonly world: World; readonly externalId: string },
): Promise<string> {
  const { raw } = db.database;
  const [row] = await raw<{ public_id: string }[]>`
    SELECT own.public_id FROM ${raw(table)} own JOIN tenant ON tenant.id = own.tenant
    WHERE own.external_id = ${externalId} AND tenant.public_id = ${world.tenant.id}`;
  return row?.public_id ?? "";
}

function isElsewhere(bundle: string, own: string): boolean {
  return bundle !== own && bundle !== "bundt-faelles";
}

function lockOf(world: World, door: string | undefined): World["locks"][number] | undefined {
  return world.locks.find((each) => each.door === door);
}

const COMMISSION = `mutation($input: CommissionLockUnitInput!) { commissionLockUnit(input: $input) { __typename
  ... on CommissionLockUnitSuccess { lock unit tenant brokerSecret telemetryKey } ... on UserError { code message } } }`;

const Commissioned = z.object({
  commissionLockUnit: z.object({
    lock: z.string(),
    unit: z.string(),
    tenant: z.string(),
    brokerSecret: z.string(),
    telemetryKey: z.string(),
  }),
});

async function commissionLock(url: string, { serial, claim, model }: World["locks"][number]) {
  const pair = unitKeyPair();
  const variables = { input: signedClaim({ serial, claim, model }, pair) };
  const done = await request(url, ANONYMOUS, { document: COMMISSION, variables, answer: Commissioned });
  const { lock: lockId, unit: id, tenant, brokerSecret, telemetryKey } = done.commissionLockUnit;
  const unit: UnitKeys = {
    id,
    tenant,
    brokerSecret,
    telemetryKey: Buffer.from(telemetryKey, "base64url"),
    key: pair.privateKey,
  };
  return { lockId, unit };
}
