import { denyDigestText, type DenyEntry } from "@portner/schema/mqtt";
import { digestOf } from "./keys.ts";

/** Entries a lock has memory for, over all documents it ever merged: four full documents. */
export const DENY_LIST_ENTRIES_MAX = 480;

/** Whether the list denies the credential at its generation. */
export function isDenied(
  entries: readonly DenyEntry[],
  shown: { readonly cred: string; readonly gen: number },
): boolean {
  return entries.some((entry) => entry.cred === shown.cred && entry.gen >= shown.gen);
}

/**
 * Merges a document into a list: highest generation, latest `until` of each credential. In whatever order documents
 * come, and however often, the result is the same. Sorted by credential.
 */
export function mergeDenials(held: readonly DenyEntry[], added: readonly DenyEntry[]): DenyEntry[] {
  const merged = new Map(held.map((entry) => [entry.cred, entry]));
  for (const entry of added) {
    const known = merged.get(entry.cred);
    merged.set(entry.cred, {
      cred: entry.cred,
      gen: Math.max(entry.gen, known?.gen ?? 0),
      until: Math.max(entry.until, known?.until ?? 0),
    });
  }
  return [...merged.values()].toSorted((a, b) => (a.cred < b.cred ? -1 : 1));
}

/** Without the entries whose end has passed for sure: even if the clock is fast by all of its error. */
export function withoutPassed(entries: readonly DenyEntry[], time: { now(): number; errorMs(): number }): DenyEntry[] {
  const surely = time.now() - time.errorMs();
  return entries.filter((entry) => entry.until >= surely);
}

/** The digest of a merged list, as `holds` reports it. */
export function denyDigest(entries: readonly DenyEntry[]): string {
  return digestOf(denyDigestText(entries));
}
