import type { EntryKindName } from "@portner/schema/journal";
import type { JournalEntry } from "../journal/index.ts";
import { subjectKey, type LockFacts, type MovableFacts } from "./facts.ts";

/**
 * Whether an entry could be applied. `reload`: it changed what entries do not tell, or speaks of something the facts do
 * not hold; they are doubtful until they are read anew.
 */
export type Applied = "applied" | "reload";

/** The kinds that change who may enter. */
type RightsKind =
  | "block.lifted"
  | "block.placed"
  | "credential.enrolled"
  | "credential.raised"
  | "lock.quarantined"
  | "lock.released"
  | "membership.ended"
  | "membership.granted"
  | "person.closed"
  | "unit.commissioned"
  | "unit.decommissioned"
  | "world.imported";

/** All other kinds, each thought about once: a new kind does not compile until it stands in one of the two lists. */
const NO_RIGHTS = {
  "account.changed": true,
  "answer.given": true,
  "answer.refused": true,
  "citizen.consulted": true,
  "command.abandoned": true,
  "command.authorised": true,
  "command.expired": true,
  "command.rejected": true,
  "command.sent": true,
  "command.unknown": true,
  "enrolment.offered": true,
  "hub.started": true,
  "incident.recorded": true,
  "lock.accepted": true,
  "lock.door": true,
  "lock.entry": true,
  "lock.holds": true,
  "lock.jammed": true,
  "lock.lost": true,
  "lock.moved": true,
  "lock.moving": true,
  "lock.refused": true,
  "lock.reported": true,
  "lock.restarted": true,
  "lock.tampered": true,
  "opening.authorised": true,
  "opening.denied": true,
  "opening.finished": true,
  "policy.changed": true,
  "session.ended": true,
  "session.opened": true,
  "session.refused": true,
  "token.created": true,
  "token.revoked": true,
} as const satisfies Record<Exclude<EntryKindName, RightsKind>, true>;

/** Whether an entry leaves all rights as they are. */
function changesNoRight(entry: JournalEntry): entry is JournalEntry<keyof typeof NO_RIGHTS> {
  return entry.kind in NO_RIGHTS;
}

/** Moves the facts by one entry. Pure but for the facts: no clock, no chance, no I/O. */
export function applyEntry(facts: MovableFacts, entry: JournalEntry): Applied {
  if (changesNoRight(entry)) return "applied";
  switch (entry.kind) {
    case "block.placed":
      return placeBlock(facts, entry);
    case "block.lifted":
      return liftBlocks(facts, entry);
    case "credential.enrolled":
      return enrol(facts, entry);
    case "credential.raised":
      return raise(facts, entry.data.credential, entry.data.generation);
    case "lock.quarantined":
      return moveLock(facts, entry.data, { quarantined: true });
    case "lock.released":
      return moveLock(facts, entry.data, { quarantined: false });
    case "unit.commissioned":
      return moveLock(facts, { lock: entry.data.lock }, { unit: entry.data.unit, quarantined: false });
    case "unit.decommissioned":
      return moveLock(facts, entry.data, { unit: null, quarantined: false });
    case "membership.granted":
      return grant(facts, entry);
    case "membership.ended":
      return endMembership(facts, entry);
    case "person.closed":
      return closePerson(facts, entry.data.person);
    case "world.imported":
      return "reload";
  }
}

function placeBlock(
  facts: MovableFacts,
  { data, tenant, sequence, occurredAt }: JournalEntry<"block.placed">,
): Applied {
  if (tenant === undefined) return "reload";
  facts.newestBlock.set(tenant, Math.max(facts.newestBlock.get(tenant) ?? 0, sequence));
  if (facts.liftsAhead.delete(data.block)) return "applied";
  const key = subjectKey(data.subject.type, data.subject.id);
  const blocks = facts.blocks.get(key) ?? new Map();
  facts.blocks.set(key, blocks.set(data.block, { placedAt: occurredAt, denyUntil: data.denyUntil, sequence }));
  return "applied";
}

function liftBlocks(facts: MovableFacts, { data }: JournalEntry<"block.lifted">): Applied {
  const key = subjectKey(data.subject.type, data.subject.id);
  const blocks = facts.blocks.get(key);
  for (const block of data.blocks) {
    if (blocks?.delete(block) !== true) facts.liftsAhead.add(block);
  }
  if (blocks?.size === 0) facts.blocks.delete(key);
  if (data.generation === null) return "applied";
  return data.subject.type === "credential" ? raise(facts, data.subject.id, data.generation) : "reload";
}

function enrol(facts: MovableFacts, { data }: JournalEntry<"credential.enrolled">): Applied {
  const person = facts.persons.get(data.person);
  if (person === undefined) return "reload";
  const { credential, ...rest } = data;
  facts.credentials.set(credential, { ...rest, tenant: person.tenant });
  return "applied";
}

function raise(facts: MovableFacts, credential: number, generation: number): Applied {
  const known = facts.credentials.get(credential);
  if (known === undefined) return "reload";
  facts.credentials.set(credential, { ...known, generation });
  return "applied";
}

// An entry about a unit that is not the one in service tells of the past and changes nothing.
function moveLock(
  facts: MovableFacts,
  about: { readonly lock: number; readonly unit?: number },
  change: Partial<LockFacts>,
): Applied {
  const known = facts.locks.get(about.lock);
  if (known === undefined) return "reload";
  if (about.unit === undefined || about.unit === known.unit) facts.locks.set(about.lock, { ...known, ...change });
  return "applied";
}

function grant(facts: MovableFacts, { data }: JournalEntry<"membership.granted">): Applied {
  if (!facts.persons.has(data.person)) return "reload";
  const { bundle, validFrom, validUntil } = data;
  const mine = facts.memberships.get(data.person) ?? new Map();
  facts.memberships.set(data.person, mine.set(data.membership, { bundle, validFrom, validUntil, ended: false }));
  return "applied";
}

function endMembership(facts: MovableFacts, { data, occurredAt }: JournalEntry<"membership.ended">): Applied {
  const mine = facts.memberships.get(data.person);
  const known = mine?.get(data.membership);
  if (mine === undefined || known === undefined) return "reload";
  // One that was to begin later is over when it would have begun.
  const endedAt = Math.max(known.validFrom, occurredAt);
  const validUntil = Math.min(known.validUntil ?? endedAt, endedAt);
  mine.set(data.membership, { ...known, validUntil, ended: true });
  return "applied";
}

function closePerson(facts: MovableFacts, person: number): Applied {
  const known = facts.persons.get(person);
  if (known === undefined) return "reload";
  facts.persons.set(person, { ...known, active: false });
  return "applied";
}
