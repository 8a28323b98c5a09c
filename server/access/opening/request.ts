import { createHash } from "node:crypto";
import type { Revision } from "@portner/schema/journal";
import type { Instant } from "../../kernel/clock.ts";
import { derivedId } from "../../kernel/ids.ts";
import type { Asker } from "../decide-path.ts";

/** Longest an opening's answer may wait for the door. */
export const WAIT_MS_MAX = 15_000;

/** Furthest away that `notAfter` may be: whoever presses stands at the door or is on the telephone with it now. */
export const NOT_AFTER_MS_MAX = 60_000;

/** Idempotency keys as clients make them: a UUID or the like. */
export const IDEMPOTENCY_KEY_PATTERN = /^[A-Za-z0-9_-]{8,64}$/;

/** Who asks, as commands and entries name them. */
export interface Opener {
  readonly asker: Asker;
  readonly tenant: number;
  /** Unique name of the caller within which idempotency keys count. */
  readonly caller: string;
  /** Public id that the lock compares with its deny list: the credential's, or the account's for a remote opening. */
  readonly credentialId: string;
  readonly person: number | undefined;
  readonly account: number | undefined;
  /** Whether the session that asks still stands; asked again before every decision and every next door. */
  readonly stillMay: () => boolean;
  /**
   * Asks anew for what an opening for somebody else rests on beside the session: the right at this very place, which an
   * import may have moved. Absent where nothing else does.
   */
  readonly reauthorised?: () => Promise<boolean>;
}

/** What shall be opened: one lock, or the path to a citizen as one. */
export type OpenTarget = { readonly lock: number } | { readonly path: number };

/** A request to open. */
export interface OpenRequest {
  readonly opener: Opener;
  readonly target: OpenTarget;
  readonly idempotencyKey: string;
  /** Why; obligatory for somebody else's door. */
  readonly reason: string | undefined;
  readonly minRevision?: Revision | undefined;
  /** Hub's time after which the press counts no more: the first door is not decided on later. Absent: no such end. */
  readonly notAfter?: Instant | undefined;
}

/** The identity of an operation: one for each caller and key, so that a second press is the first one again. */
export function operationIdOf({ opener, idempotencyKey }: OpenRequest): string {
  return derivedId("operation", opener.tenant, opener.caller, idempotencyKey);
}

/** The identity of a door's command: the lock itself refuses a double, whatever happens to the hub. */
export function commandIdOf({ opener, idempotencyKey }: OpenRequest, lock: number): string {
  return derivedId("command", opener.tenant, opener.caller, idempotencyKey, lock);
}

/** The identity of an operation's first entry, whatever was decided. */
export function openingEntryId(request: OpenRequest): string {
  return derivedId("opening", operationIdOf(request));
}

/**
 * SHA-256 (hex) of what was asked for: the same key with another body is an error. Until when it was to count is no part
 * of it: whoever asks again what became of a press may say another time.
 */
export function bodyDigest({ target, reason }: OpenRequest): string {
  return createHash("sha256")
    .update(JSON.stringify([target, reason ?? null]))
    .digest("hex");
}
