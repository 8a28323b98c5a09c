import { DENIAL_REASONS, type Basis, type DenialReason } from "@portner/schema/access";

/** The tables that rights live in, as a nurse would read them in a binder: lists of lines, no indexes. Times are instants. */
export interface RightsTables {
  readonly tenants: { id: number; remoteOpen: "off" | "onePerson" | "twoPersons" }[];
  readonly locks: { id: number; tenant: number; door: number }[];
  readonly units: { id: number; lock: number; decommissioned: boolean; quarantined: boolean }[];
  readonly pathDoors: { path: number; position: number; door: number }[];
  readonly bundlePaths: { bundle: number; path: number }[];
  readonly providers: { id: number; contractEnd: number | null }[];
  readonly persons: {
    id: number;
    tenant: number;
    department: number | null;
    provider: number | null;
    active: boolean;
    visitsOnly: boolean;
  }[];
  readonly credentials: {
    id: number;
    tenant: number;
    person: number;
    form: "phone" | "tablet" | "smartkey";
    generation: number;
    validFrom: number;
    validUntil: number | null;
  }[];
  readonly memberships: {
    id: number;
    person: number;
    bundle: number;
    validFrom: number;
    validUntil: number | null;
  }[];
  readonly blocks: {
    id: number;
    tenant: number;
    subjectType: "credential" | "person" | "department" | "provider" | "bundle";
    subject: number;
    placedAt: number;
    denyUntil: number;
  }[];
  readonly lifts: { block: number }[];
}

/** What the oracle says: a basis, or every reason. */
export type Verdict = { readonly basis: Basis } | { readonly reasons: readonly DenialReason[] };

type Subject = RightsTables["blocks"][number]["subjectType"];

/** Whether any block on this subject is unlifted. */
function isBlocked(tables: RightsTables, type: Subject, id: number): boolean {
  return tables.blocks.some(
    (block) =>
      block.subjectType === type && block.subject === id && !tables.lifts.some((lift) => lift.block === block.id),
  );
}

/** May this credential open this lock at this time? Slow and obvious; shares nothing with the index. */
export function verdictFor(
  tables: RightsTables,
  question: { readonly credential: number; readonly lock: number; readonly at: number },
): Verdict {
  const { at } = question;
  const reasons: DenialReason[] = [];
  const lock = tables.locks.find((each) => each.id === question.lock);
  if (lock === undefined) reasons.push("LOCK_UNKNOWN");
  else reasons.push(...faultsOfLock(tables, lock.id));

  const credential = tables.credentials.find(
    (each) => each.id === question.credential && (lock === undefined || each.tenant === lock.tenant),
  );
  if (credential === undefined) return { reasons: inOrder([...reasons, "CREDENTIAL_UNKNOWN"]) };
  if (isBlocked(tables, "credential", credential.id)) reasons.push("CREDENTIAL_BLOCKED");
  if (at < credential.validFrom) reasons.push("CREDENTIAL_NOT_YET_VALID");
  if (credential.validUntil !== null && credential.validUntil <= at) reasons.push("CREDENTIAL_EXPIRED");
  reasons.push(...faultsOfPerson(tables, credential.person, at));
  if (lock === undefined) return { reasons: inOrder(reasons) };

  const bundles = bundlesTo(tables, lock.door);
  const person = tables.persons.find((each) => each.id === credential.person);
  const memberships = tables.memberships.filter(
    (each) => person?.visitsOnly === false && each.person === person.id && bundles.includes(each.bundle),
  );
  const sound = memberships.filter((each) => faultsOfMembership(tables, each, at).length === 0);
  const oldest = sound.toSorted((a, b) => a.id - b.id)[0];
  if (oldest !== undefined && reasons.length === 0) {
    return { basis: { type: "bundle", membership: oldest.id, bundle: oldest.bundle } };
  }
  if (memberships.length === 0) reasons.push("NO_BASIS");
  if (oldest === undefined) {
    for (const membership of memberships) reasons.push(...faultsOfMembership(tables, membership, at));
  }
  return { reasons: inOrder(reasons) };
}

/** May this lock be opened for somebody else, by an account of this person (null: of no employee)? */
export function remoteVerdictFor(
  tables: RightsTables,
  question: { readonly lock: number; readonly person: number | null; readonly at: number },
): Verdict {
  const reasons: DenialReason[] = [];
  if (question.person !== null) reasons.push(...faultsOfPerson(tables, question.person, question.at));
  const lock = tables.locks.find((each) => each.id === question.lock);
  if (lock === undefined) return { reasons: inOrder([...reasons, "LOCK_UNKNOWN"]) };
  reasons.push(...faultsOfLock(tables, lock.id));
  const policy = tables.tenants.find((tenant) => tenant.id === lock.tenant)?.remoteOpen;
  if (policy !== "onePerson") reasons.push("NO_BASIS");
  return reasons.length === 0 ? { basis: { type: "remote", policy: "onePerson" } } : { reasons: inOrder(reasons) };
}

/** Credentials of a tenant that locks are to deny now, with the generation and the end of the deny. */
export function deniedIn(
  tables: RightsTables,
  tenant: number,
  now: number,
): { credential: number; generation: number; until: number }[] {
  const denied: { credential: number; generation: number; until: number }[] = [];
  for (const credential of tables.credentials) {
    if (credential.tenant !== tenant) continue;
    const person = tables.persons.find((each) => each.id === credential.person);
    const ends: number[] = [];
    for (const block of tables.blocks) {
      const hit =
        (block.subjectType === "credential" && block.subject === credential.id) ||
        (block.subjectType === "person" && block.subject === credential.person) ||
        (block.subjectType === "department" && block.subject === person?.department) ||
        (block.subjectType === "provider" && block.subject === person?.provider);
      const lifted = tables.lifts.some((lift) => lift.block === block.id);
      if (hit && !lifted && block.denyUntil > now) ends.push(block.denyUntil);
    }
    if (ends.length > 0) {
      denied.push({ credential: credential.id, generation: credential.generation, until: Math.max(...ends) });
    }
  }
  return denied;
}

function faultsOfLock(tables: RightsTables, lock: number): DenialReason[] {
  const unit = tables.units.find((each) => each.lock === lock && !each.decommissioned);
  if (unit === undefined) return ["LOCK_NOT_IN_SERVICE"];
  return unit.quarantined ? ["LOCK_QUARANTINED"] : [];
}

function faultsOfPerson(tables: RightsTables, id: number, at: number): DenialReason[] {
  const person = tables.persons.find((each) => each.id === id);
  if (person === undefined) return ["PERSON_INACTIVE"];
  const faults: DenialReason[] = [];
  if (isBlocked(tables, "person", id)) faults.push("PERSON_BLOCKED");
  if (!person.active) faults.push("PERSON_INACTIVE");
  if (person.department !== null && isBlocked(tables, "department", person.department)) {
    faults.push("ORGANISATION_BLOCKED");
  }
  if (person.provider === null) return faults;
  if (isBlocked(tables, "provider", person.provider)) faults.push("ORGANISATION_BLOCKED");
  const provider = tables.providers.find((each) => each.id === person.provider);
  const open = provider !== undefined && (provider.contractEnd === null || at < provider.contractEnd);
  return open ? faults : [...faults, "ORGANISATION_ENDED"];
}

function faultsOfMembership(
  tables: RightsTables,
  membership: RightsTables["memberships"][number],
  at: number,
): DenialReason[] {
  const faults: DenialReason[] = [];
  if (isBlocked(tables, "bundle", membership.bundle)) faults.push("BUNDLE_BLOCKED");
  if (at < membership.validFrom) faults.push("MEMBERSHIP_NOT_YET_VALID");
  if (membership.validUntil !== null && membership.validUntil <= at) faults.push("MEMBERSHIP_ENDED");
  return faults;
}

function bundlesTo(tables: RightsTables, door: number): number[] {
  const paths = tables.pathDoors.filter((each) => each.door === door).map((each) => each.path);
  return tables.bundlePaths.filter((each) => paths.includes(each.path)).map((each) => each.bundle);
}

function inOrder(reasons: readonly DenialReason[]): DenialReason[] {
  return DENIAL_REASONS.filter((reason) => reasons.includes(reason));
}
