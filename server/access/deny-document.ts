import { DENY_ENTRIES_MAX, type DenyEntry, type DenyMessage } from "@portner/schema/mqtt";
import type { Instant } from "../kernel/clock.ts";
import { blocksOn, type AccessFacts, type BlockFacts, type CredentialFacts } from "./facts.ts";

/** A credential that locks are to deny, by internal key. */
export interface Denied {
  readonly credential: number;
  readonly generation: number;
  /** Latest end of the denies on its chain. */
  readonly until: Instant;
  readonly smartkey: boolean;
  /** When the newest of the blocks behind it was placed. */
  readonly placedAt: Instant;
  /** Journal number of the oldest of the blocks behind it. */
  readonly oldest: number;
}

/** A document that is ready to be signed, and what did not fit. */
export interface DenyDocument {
  readonly message: DenyMessage;
  /** Denied credentials beyond {@link DENY_ENTRIES_MAX}; more than 0 is worth an alarm. */
  readonly omitted: number;
  /** Entries that are missing because nobody knows their public id yet; with any, the document must not be published. */
  readonly unnamed: number;
}

/**
 * Every credential of a tenant that a block on it, its person, department or provider denies, and whose deny still has
 * something to prevent; the most urgent first: smartkeys open without a hub, and locks have older entries already.
 * Blocks on bundles are not among them: they take no credential out of service.
 */
export function deniedCredentials(facts: AccessFacts, tenant: number, now: Instant): Denied[] {
  if (facts.blocks.size === 0) return [];
  const denied: Denied[] = [];
  for (const [credential, known] of facts.credentials) {
    if (known.tenant !== tenant) continue;
    const blocks = blocksBehind(facts, credential, known).filter((block) => block.denyUntil > now);
    if (blocks.length === 0) continue;
    denied.push({
      credential,
      generation: known.generation,
      until: Math.max(...blocks.map((block) => block.denyUntil)),
      smartkey: known.form === "smartkey",
      placedAt: Math.max(...blocks.map((block) => block.placedAt)),
      oldest: Math.min(...blocks.map((block) => block.sequence)),
    });
  }
  return denied.toSorted(byUrgency);
}

function blocksBehind(facts: AccessFacts, credential: number, known: CredentialFacts): BlockFacts[] {
  const person = facts.persons.get(known.person);
  return [
    ...blocksOn(facts, "credential", credential).values(),
    ...blocksOn(facts, "person", known.person).values(),
    ...blocksOn(facts, "department", person?.department ?? null).values(),
    ...blocksOn(facts, "provider", person?.provider ?? null).values(),
  ];
}

function byUrgency(a: Denied, b: Denied): number {
  return Number(b.smartkey) - Number(a.smartkey) || b.placedAt - a.placedAt || a.credential - b.credential;
}

/**
 * A tenant's deny document: sorted by credential, so that the same facts give the same document on every hub. Its version
 * is the number of the tenant's newest block, lifted or not; when entries find no place, it is lower than the number of
 * every block behind them, for a lock that stores the document proves all blocks up to its version. A lifted block's entry
 * is simply gone: the generation that rose with the lift makes locks accept the credential again. Undefined for a tenant
 * nobody knows.
 */
export function denyDocument(
  facts: AccessFacts,
  question: { readonly tenant: number; readonly now: Instant; readonly publicIds: ReadonlyMap<number, string> },
): DenyDocument | undefined {
  const { tenant, now, publicIds } = question;
  const municipality = facts.tenants.get(tenant);
  if (municipality === undefined) return undefined;
  const denied = deniedCredentials(facts, tenant, now);
  const placed = denied.slice(0, DENY_ENTRIES_MAX);
  const omitted = denied.slice(DENY_ENTRIES_MAX);
  const entries: DenyEntry[] = placed.flatMap(({ credential, generation, until }) => {
    const cred = publicIds.get(credential);
    return cred === undefined ? [] : [{ cred, gen: generation, until }];
  });
  const message: DenyMessage = {
    v: 1,
    tenant: municipality.publicId,
    version: Math.max(0, Math.min(facts.newestBlock.get(tenant) ?? 0, ...omitted.map(({ oldest }) => oldest - 1))),
    iat: now,
    entries: entries.toSorted((a, b) => (a.cred < b.cred ? -1 : 1)),
  };
  return { message, omitted: omitted.length, unnamed: placed.length - entries.length };
}
