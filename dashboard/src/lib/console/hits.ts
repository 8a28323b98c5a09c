import type { ResultOf } from "../graphql/index.ts";
import type { HitLock, HitPerson, SEARCH } from "./documents.ts";

/** What a search finds, as the API tells it. */
export type SearchHit = ResultOf<typeof SEARCH>["search"][number];

/** What the viewer is shown of a place at all; what is not shown is not unknown. */
export interface Sees {
  readonly locks: boolean;
  readonly batteries: boolean;
}

/** A row of the answer. */
export type HitRow =
  | {
      readonly kind: "place";
      readonly key: string;
      readonly title: string;
      readonly href: string;
      /** The lock whose state the row shows: the innermost one there. Absent: no lock at this address. */
      readonly lock: HitLock | undefined;
      /** How many further locks are at the address. */
      readonly more: number;
      /** The home that was typed, where this is another one. */
      readonly unmet: string | undefined;
    }
  | { readonly kind: "person"; readonly key: string; readonly person: HitPerson }
  /** What can be done about the person of the row before: a device that is lost is blocked from here. */
  | { readonly kind: "block"; readonly key: string; readonly person: HitPerson };

/** Rows of one answer: what fits beside a telephone call without scrolling. */
export const HITS_MAX = 8;

/**
 * The rows of an answer; a lock that is found by its number as well as by its address is shown once. Behind each person
 * stands the way to block a device, for viewers who may.
 */
export function rowsOf(hits: readonly SearchHit[], canBlock = false): readonly HitRow[] {
  const shown = new Set<string>();
  return hits.flatMap((hit): HitRow[] => {
    const row = rowOf(hit);
    const lock = row.kind === "place" ? row.lock?.id : undefined;
    if (lock !== undefined && shown.has(lock)) return [];
    if (lock !== undefined) shown.add(lock);
    if (row.kind !== "person" || !canBlock) return [row];
    return [row, { kind: "block", key: `block-${row.person.externalId}`, person: row.person }];
  });
}

function rowOf(hit: SearchHit): HitRow {
  switch (hit.__typename) {
    case "PersonHit":
      return { kind: "person", key: `person-${hit.person.externalId}`, person: hit.person };
    case "LockHit": {
      const { lock } = hit;
      return {
        kind: "place",
        key: lock.id,
        title: lock.addressText,
        href: lockPath(lock.id),
        lock,
        more: 0,
        unmet: undefined,
      };
    }
    case "PlaceHit": {
      const { address, locks, unmet } = hit;
      const lock = innermost(locks);
      // A home is reached along its whole way, whose page shows every door of it; a stairwell or gate is one lock.
      const isHome = lock === undefined || lock.place.kind === "flat";
      const href = isHome ? `/addresses/${encodeURIComponent(address.id)}` : lockPath(lock.id);
      const more = Math.max(0, locks.length - 1);
      return { kind: "place", key: address.id, title: address.line, href, lock, more, unmet: unmet ?? undefined };
    }
  }
}

/** The home that was typed, where the best row is another one: then nothing is chosen for the operator. */
export function unmetIn([best]: readonly HitRow[]): string | undefined {
  return best?.kind === "place" ? best.unmet : undefined;
}

function lockPath(id: string): string {
  return `/locks/${encodeURIComponent(id)}`;
}

const INWARDS = ["gate", "stairwell", "flat"];

function innermost(locks: readonly HitLock[]): HitLock | undefined {
  return locks.toSorted((a, b) => INWARDS.indexOf(b.place.kind) - INWARDS.indexOf(a.place.kind))[0];
}

/** The page of a hit, with the caller in the fragment, which no server ever sees. */
export function withCaller(href: string, caller: string): string {
  return caller === "" ? href : `${href}#${new URLSearchParams({ caller })}`;
}
