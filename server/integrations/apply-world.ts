import { IMPORT_PERSONS_NAMED_MAX } from "@portner/schema/journal";
import type { World } from "@portner/schema/world";
import { syncBundlePaths, syncMemberships, upsertBundles } from "../access/index.ts";
import type { Instant } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import { digestOfSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import type { Sealing } from "../kernel/sealing.ts";
import {
  insertTenantKeys,
  makeTenantKeys,
  tallyOf,
  upsertDepartments,
  upsertDistricts,
  upsertPersons,
  upsertProviders,
  upsertTenant,
  type BulkDeps,
} from "../people/index.ts";
import {
  lockConflicts,
  upsertAddresses,
  upsertCitizens,
  upsertDoors,
  upsertHousingCompanies,
  upsertLocks,
  upsertPaths,
  type LockConflict,
  type LockInput,
} from "../places/index.ts";
import type { ImportReport } from "./import-report.ts";

/** What applying a world needs. */
export interface ApplyDeps {
  readonly random: Random;
  readonly sealing: Sealing;
}

/** What was written, or what the database can't have beside what it has. */
export type Applied =
  | { readonly conflicts: readonly LockConflict[] }
  | {
      readonly tenant: number;
      readonly kinds: ImportReport["kinds"];
      /** Persons who were active until now. */
      readonly closed: readonly number[];
      /** Persons whose rights may be others now; absent where the whole tenant's may be. */
      readonly moved: readonly number[] | undefined;
    };

/** Writes a whole world as of `now`, list by list, each set-wise. Runs in the caller's transaction. */
export async function applyWorld(
  { random, sealing }: ApplyDeps,
  tables: Tables,
  { world, demo, now }: { readonly world: World; readonly demo: boolean; readonly now: Instant },
): Promise<Applied> {
  const { id, ...names } = world.tenant;
  const settings = { ...world.policy, ...names, ean: names.ean ?? null, hotlinePhone: names.hotlinePhone };
  const owner = await upsertTenant(tables, { publicId: id, ...settings, demo });
  if (owner.written?.created === true) {
    await insertTenantKeys(tables, owner.id, makeTenantKeys({ random, sealing }));
  }
  const deps: BulkDeps = { tables, random, tenant: owner.id };
  const organisation = {
    tenant: tallyOf(1, owner.written === undefined ? [] : [owner.written]),
    districts: await upsertDistricts(deps, world.districts),
    departments: await upsertDepartments(deps, world.departments),
    providers: await upsertProviders(deps, world.providers),
    bundles: await upsertBundles(deps, world.bundles),
  };
  const staff = world.employees.map((employee) => ({ ...employee, roles: employee.roles ?? ["E"] }));
  const { tally: employees, closed, changed } = await upsertPersons(deps, staff);
  const memberships = await applyMemberships(deps, world, now);
  const places = await applyPlaces(deps, world);
  const locks = world.locks.map(lockInput);
  const conflicts = await lockConflicts(deps, locks);
  if (conflicts.length > 0) return { conflicts };
  const pairs = world.paths.flatMap((path) => path.bundles.map((bundle) => ({ bundle, path: path.externalId })));
  const kinds = {
    ...organisation,
    employees,
    memberships,
    ...places,
    locks: await upsertLocks(deps, locks),
    bundlePaths: await syncBundlePaths(deps, pairs),
  };
  // Where departments serve, and what the tenant allows, is in everybody's rights.
  const isOrganisationMoved = Object.values(organisation).some(({ created, updated }) => created + updated > 0);
  const moved = isOrganisationMoved || changed.length > IMPORT_PERSONS_NAMED_MAX ? undefined : changed;
  return { tenant: owner.id, kinds, closed, moved };
}

function applyMemberships(deps: BulkDeps, world: World, now: Instant) {
  const wanted = world.memberships.map(({ employee, bundle, from, to }) => {
    return { employee, bundle, from: Date.parse(from), until: to === undefined ? null : Date.parse(to) };
  });
  return syncMemberships(deps, wanted, now);
}

async function applyPlaces(deps: BulkDeps, world: World) {
  return {
    housingCompanies: await upsertHousingCompanies(deps, world.housingCompanies),
    addresses: await upsertAddresses(deps, world.addresses),
    citizens: await upsertCitizens(deps, world.citizens),
    doors: await upsertDoors(deps, world.doors),
    paths: await upsertPaths(deps, world.paths),
  };
}

function lockInput({ serial, model, door, claim, legalBasis, consent }: World["locks"][number]): LockInput {
  const claimDigest = digestOfSecret(claim).toString("hex");
  return {
    serial,
    model,
    door,
    claimDigest,
    legalBasis,
    consentReference: consent.reference,
    consentDay: consent.date,
  };
}
