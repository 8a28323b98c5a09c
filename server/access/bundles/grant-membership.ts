import { appendAllowing, newEntry, setApart } from "../../journal/index.ts";
import type { Clock, Instant } from "../../kernel/clock.ts";
import type { Database, Tables } from "../../kernel/database.ts";
import { InvariantError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import type { Result } from "../../kernel/result.ts";
import { holdPair, insertMembership, type MembershipRow } from "./store.ts";

/** Why a membership was not granted. */
export type GrantFailure =
  | { readonly code: "PERSON_UNKNOWN" }
  | { readonly code: "PERSON_INACTIVE" }
  | { readonly code: "BUNDLE_UNKNOWN" }
  | { readonly code: "MEMBER_ALREADY" }
  | { readonly code: "SPAN_EMPTY" };

/** What granting and ending need. */
export interface BundleDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Who becomes a member of what, from when, until when. */
export interface GrantInput {
  readonly tenant: number;
  /** The care system's user id. */
  readonly employee: string;
  /** The bundle's external id. */
  readonly bundle: string;
  /** Absent, or in the past: from now on. */
  readonly from?: Instant | undefined;
  /** End, not included. Absent: until taken away. */
  readonly until?: Instant | undefined;
  readonly reason?: string | undefined;
  readonly actor?: number | undefined;
}

/** Makes a person a member of a bundle. A block on either still stands above it. */
export async function grantMembership(
  deps: BundleDeps,
  input: GrantInput,
): Promise<Result<MembershipRow, GrantFailure>> {
  return appendAllowing<MembershipRow, GrantFailure>(deps, (tables, decidedAt) =>
    grant(deps, input, tables, decidedAt),
  );
}

async function grant({ clock, random }: BundleDeps, input: GrantInput, tables: Tables, decidedAt: number) {
  const { tenant, employee, actor } = input;
  const now = clock.now();
  const from = Math.max(now, input.from ?? now);
  const until = input.until ?? null;
  if (until !== null && until <= from) return { refused: { code: "SPAN_EMPTY" } satisfies GrantFailure };
  const pair = await holdPair(tables, { tenant, employee, bundle: input.bundle, from: new Date(from) });
  const { person, bundle } = pair;
  if (person === undefined) return { refused: { code: "PERSON_UNKNOWN" } satisfies GrantFailure };
  if (bundle === undefined) return { refused: { code: "BUNDLE_UNKNOWN" } satisfies GrantFailure };
  if (!person.active) return { refused: { code: "PERSON_INACTIVE" } satisfies GrantFailure };
  if (pair.standing) return { refused: { code: "MEMBER_ALREADY" } satisfies GrantFailure };
  const made = await insertMembership(tables, {
    publicId: newId(random),
    tenant,
    person: person.id,
    bundle: bundle.id,
    validFrom: new Date(from),
    validUntil: until === null ? null : new Date(until),
  });
  if (made === undefined) throw new InvariantError("an insert without a row");
  const reason = input.reason === undefined ? undefined : setApart(random, tenant, input.reason);
  const entry = newEntry("membership.granted", {
    entryId: newId(random),
    occurredAt: now,
    decidedAtRevision: decidedAt,
    tenant,
    person: person.id,
    actor,
    data: {
      membership: made.id,
      person: person.id,
      bundle: bundle.id,
      validFrom: from,
      validUntil: until,
      reason: reason?.reference ?? null,
    },
  });
  return { entries: [entry] as const, rows: reason && { journal_text: [reason.row] }, value: made };
}
