import type { GraphqlFailure, Result, ResultOf } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { KEPT_MESSAGES, QUARANTINED_LOCKS, type KeptMessage } from "./documents.ts";
import type { QuarantinedLock } from "./release.svelte.ts";

/** Messages of one page: each is a thing to read, not a row to count. */
const PAGE_MESSAGES = 25;
/** Locks shown at once: more than these in quarantine are an incident of their own. */
const LOCKS_SHOWN = 50;

/** How often the page is fetched anew while it is live: no stream tells of messages that made no sense. */
export const QUARANTINE_AGAIN_MS = 10_000;

/** What stands on the page of the quarantine. */
export interface Quarantine {
  readonly locks: readonly QuarantinedLock[];
  readonly totalCount: number;
  readonly messages: readonly { readonly cursor: string; readonly node: KeptMessage }[];
  readonly pageInfo: ResultOf<typeof KEPT_MESSAGES>["quarantinedMessages"]["pageInfo"];
}

/** Asks for the locks in quarantine and one page of messages, from this cursor on. */
export async function loadQuarantine(
  ask: LiveSession["request"],
  after: string | null,
): Promise<Result<Quarantine, GraphqlFailure>> {
  const [kept, held] = await Promise.all([
    ask(KEPT_MESSAGES, { first: PAGE_MESSAGES, after }),
    ask(QUARANTINED_LOCKS, { first: LOCKS_SHOWN }),
  ]);
  if (!kept.ok) return kept;
  if (!held.ok) return held;
  const { edges: messages, pageInfo } = kept.value.quarantinedMessages;
  const { edges, totalCount } = held.value.locks;
  return { ok: true, value: { locks: edges.map(({ node }) => node), totalCount, messages, pageInfo } };
}
