import type { Basis, BlockSubject, DenialReason } from "@portner/schema/access";
import type { Instant } from "../kernel/clock.ts";
import { blocksOn, membershipsOf, type AccessFacts, type MembershipFacts, type PersonFacts } from "./facts.ts";

/** What a step of the chain looked at. */
export interface StepSubject {
  readonly type: "lock" | "unit" | "membership" | "tenant" | BlockSubject["type"];
  readonly id: number;
}

/** One link of the chain: what was checked, whether it held, and from when until when it does. */
export interface Step {
  /** What the answer is where the check fails. */
  readonly reason: DenialReason;
  readonly passed: boolean;
  /** Absent where there is nothing to look at: an unknown credential, no membership at all. */
  readonly subject?: StepSubject;
  /** Start of the state found: of a validity, of the oldest block. */
  readonly since?: Instant;
  /** End of the state found, not included; absent where it has none. */
  readonly until?: Instant;
  /** Unlifted blocks behind a failure. */
  readonly blocks?: readonly number[];
}

/** The chain's outcome: with a basis, every step that counts has passed. */
export interface Chain {
  readonly steps: readonly Step[];
  readonly basis?: Basis;
}

/** Whether the lock can serve anybody at all. */
export function lockSteps(facts: AccessFacts, lock: number): Step[] {
  const known = facts.locks.get(lock);
  if (known === undefined) return [{ reason: "LOCK_UNKNOWN", passed: false }];
  const subject: StepSubject = { type: "lock", id: lock };
  return [
    { reason: "LOCK_UNKNOWN", passed: true, subject },
    { reason: "LOCK_NOT_IN_SERVICE", passed: known.unit !== null, subject },
    { reason: "LOCK_QUARANTINED", passed: !known.quarantined, subject },
  ];
}

/** A check that fails while a subject is blocked. */
function blockStep(facts: AccessFacts, reason: DenialReason, subject: BlockSubject): Step {
  const blocks = blocksOn(facts, subject.type, subject.id);
  if (blocks.size === 0) return { reason, passed: true, subject };
  const since = Math.min(...[...blocks.values()].map((block) => block.placedAt));
  return { reason, passed: false, subject, since, blocks: [...blocks.keys()].toSorted((a, b) => a - b) };
}

/** Two checks of a half-open validity, from ≤ t < until. */
function validitySteps(
  validity: { readonly validFrom: Instant; readonly validUntil: Instant | null },
  reasons: { readonly early: DenialReason; readonly late: DenialReason; readonly subject: StepSubject },
  at: Instant,
): Step[] {
  const { validFrom, validUntil } = validity;
  const found = { subject: reasons.subject, since: validFrom, ...(validUntil !== null && { until: validUntil }) };
  return [
    { reason: reasons.early, passed: at >= validFrom, ...found },
    { reason: reasons.late, passed: validUntil === null || at < validUntil, ...found },
  ];
}

/** Whether the person, and the organisation behind them, may enter anywhere. */
export function personSteps(facts: AccessFacts, person: number, at: Instant): Step[] {
  const known = facts.persons.get(person);
  const subject: StepSubject = { type: "person", id: person };
  if (known === undefined) return [{ reason: "PERSON_INACTIVE", passed: false, subject }];
  return [
    blockStep(facts, "PERSON_BLOCKED", { type: "person", id: person }),
    { reason: "PERSON_INACTIVE", passed: known.active, subject },
    ...organisationSteps(facts, known, at),
  ];
}

function organisationSteps(facts: AccessFacts, person: PersonFacts, at: Instant): Step[] {
  const steps: Step[] = [];
  if (person.department !== null) {
    steps.push(blockStep(facts, "ORGANISATION_BLOCKED", { type: "department", id: person.department }));
  }
  if (person.provider === null) return steps;
  steps.push(blockStep(facts, "ORGANISATION_BLOCKED", { type: "provider", id: person.provider }));
  const subject: StepSubject = { type: "provider", id: person.provider };
  // A provider nobody knows has no contract.
  const end = facts.contractEnds.get(person.provider);
  const passed = end !== undefined && (end === null || at < end);
  steps.push({ reason: "ORGANISATION_ENDED", passed, subject, ...(typeof end === "number" && { until: end }) });
  return steps;
}

/** The whole chain of a credential at a lock, in the order of the denial reasons. */
export function credentialChain(
  facts: AccessFacts,
  question: { readonly credential: number; readonly lock: number; readonly at: Instant },
): Chain {
  const { credential, lock, at } = question;
  const atLock = lockSteps(facts, lock);
  const known = facts.credentials.get(credential);
  const place = facts.locks.get(lock);
  // A credential of another municipality is as unknown here as one that nobody enrolled.
  if (known === undefined || (place !== undefined && place.tenant !== known.tenant)) {
    return { steps: [...atLock, { reason: "CREDENTIAL_UNKNOWN", passed: false }] };
  }
  const subject: StepSubject = { type: "credential", id: credential };
  const gates = [
    ...atLock,
    { reason: "CREDENTIAL_UNKNOWN", passed: true, subject } as const,
    blockStep(facts, "CREDENTIAL_BLOCKED", { type: "credential", id: credential }),
    ...validitySteps(known, { early: "CREDENTIAL_NOT_YET_VALID", late: "CREDENTIAL_EXPIRED", subject }, at),
    ...personSteps(facts, known.person, at),
  ];
  if (place === undefined) return { steps: gates };
  const bundles = bundleSteps(facts, { person: known.person, door: place.door, at });
  const open = gates.every((step) => step.passed) && bundles.basis !== undefined;
  return { steps: [...gates, ...bundles.steps], ...(open && { basis: bundles.basis }) };
}

/** The memberships that lead to a door; the oldest one that holds is the basis, and then only its steps count. */
function bundleSteps(
  facts: AccessFacts,
  question: { readonly person: number; readonly door: number; readonly at: Instant },
): { readonly steps: readonly Step[]; readonly basis?: Basis } {
  const leading = bundlesOfDoor(facts, question.door);
  const all: Step[] = [];
  const mine = [...membershipsOf(facts, question.person)].toSorted(([a], [b]) => a - b);
  for (const [membership, found] of mine) {
    if (!leading.has(found.bundle)) continue;
    const steps = membershipSteps(facts, membership, found, question.at);
    if (steps.every((step) => step.passed)) {
      return { steps, basis: { type: "bundle", membership, bundle: found.bundle } };
    }
    all.push(...steps);
  }
  return { steps: all.length > 0 ? all : [{ reason: "NO_BASIS", passed: false }] };
}

function membershipSteps(facts: AccessFacts, membership: number, found: MembershipFacts, at: Instant): Step[] {
  const subject: StepSubject = { type: "membership", id: membership };
  const reasons = { early: "MEMBERSHIP_NOT_YET_VALID", late: "MEMBERSHIP_ENDED", subject } as const;
  const ended = found.ended && at >= found.validFrom;
  const validity = validitySteps(found, reasons, at);
  return [
    blockStep(facts, "BUNDLE_BLOCKED", { type: "bundle", id: found.bundle }),
    ...validity.map((step) => (step.reason === "MEMBERSHIP_ENDED" && ended ? { ...step, passed: false } : step)),
  ];
}

function bundlesOfDoor(facts: AccessFacts, door: number): ReadonlySet<number> {
  const paths = facts.pathsOfDoor.get(door) ?? [];
  return new Set(paths.flatMap((path) => facts.bundlesOfPath.get(path) ?? []));
}

/** The chain of opening a lock for somebody else: the lock, the municipality's policy, and the person who asks. */
export function remoteChain(
  facts: AccessFacts,
  question: { readonly lock: number; readonly person: number | null; readonly at: Instant },
): Chain {
  const { lock, person, at } = question;
  const gates = [...lockSteps(facts, lock), ...(person === null ? [] : personSteps(facts, person, at))];
  const place = facts.locks.get(lock);
  if (place === undefined) return { steps: gates };
  // Two persons need an approval by a second one; until approvals exist that policy lets nobody in.
  const passed = facts.tenants.get(place.tenant)?.remoteOpen === "onePerson";
  const steps = [...gates, { reason: "NO_BASIS", passed, subject: { type: "tenant", id: place.tenant } } as const];
  const open = steps.every((step) => step.passed);
  return { steps, ...(open && { basis: { type: "remote", policy: "onePerson" } }) };
}
