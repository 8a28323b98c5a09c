import type { Instant } from "../../kernel/clock.ts";

/** A person's membership of a bundle, from ≤ t < until; `until` null: until taken away. Keys are internal. */
export interface Span {
  readonly person: number;
  readonly bundle: number;
  readonly from: Instant;
  readonly until: Instant | null;
}

/** A membership that stands. */
export interface StandingSpan extends Span {
  readonly id: number;
}

/** What has to change so that the memberships are what is wanted. */
export interface MembershipPlan {
  readonly grant: readonly Span[];
  /** New ends of standing memberships, ended or extended. */
  readonly move: readonly { readonly id: number; readonly until: Instant }[];
  /** Standing memberships that go on without an end. */
  readonly open: readonly number[];
  readonly unchanged: number;
  /** How many of the moves end at once what was running or to come. */
  readonly ended: number;
}

interface Draft {
  readonly grant: Span[];
  readonly move: { readonly id: number; readonly until: Instant }[];
  readonly open: number[];
  unchanged: number;
  ended: number;
}

/** Whether nothing of it lies at `now` or later; one that ended before it began is over too. */
function isOver(span: Span, now: Instant): boolean {
  return span.until !== null && span.until <= Math.max(now, span.from);
}

function overlaps(one: Span, other: Span): boolean {
  return (one.until === null || other.from < one.until) && (other.until === null || one.from < other.until);
}

function keyOf(span: Span): string {
  return `${span.person} ${span.bundle}`;
}

/** Gives a standing membership the wanted end, which lies behind `now`. */
function moveEnd(draft: Draft, standing: StandingSpan, until: Instant | null): void {
  if (until === standing.until) draft.unchanged += 1;
  else if (until === null) draft.open.push(standing.id);
  else draft.move.push({ id: standing.id, until });
}

/**
 * Settles one wanted membership against those of the same person and bundle that nothing else has used up; answers the
 * one it uses.
 */
function settle(
  draft: Draft,
  wanted: Span,
  { standing, used, now }: { standing: readonly StandingSpan[]; used: ReadonlySet<number>; now: Instant },
): number | undefined {
  if (isOver(wanted, now)) {
    if (standing.some((span) => overlaps(span, wanted))) draft.unchanged += 1;
    else draft.grant.push(wanted);
    return undefined;
  }
  const live = standing.filter((span) => !used.has(span.id) && !isOver(span, now));
  const begun = wanted.from <= now;
  const match = live.find((span) => (begun ? span.from <= now : span.from === wanted.from));
  if (match !== undefined) {
    moveEnd(draft, match, wanted.until);
    return match.id;
  }
  // The time in which nobody was a member stays that: what comes back begins now.
  const known = standing.length > 0;
  draft.grant.push({ ...wanted, from: known ? Math.max(now, wanted.from) : wanted.from });
  return undefined;
}

/**
 * Compares what stands with what is wanted, the wanted being the whole truth: what is not wanted any more ends now.
 * Nothing that stands is changed before `now`, and nothing is deleted. Planning the result once more changes nothing.
 */
export function planMemberships(
  standing: readonly StandingSpan[],
  wanted: readonly Span[],
  now: Instant,
): MembershipPlan {
  const draft: Draft = { grant: [], move: [], open: [], unchanged: 0, ended: 0 };
  const byPair = Map.groupBy(standing, keyOf);
  const used = new Set<number>();
  for (const span of wanted) {
    const id = settle(draft, span, { standing: byPair.get(keyOf(span)) ?? [], used, now });
    if (id !== undefined) used.add(id);
  }
  for (const span of standing) {
    if (used.has(span.id) || isOver(span, now)) continue;
    draft.move.push({ id: span.id, until: Math.max(now, span.from) });
    draft.ended += 1;
  }
  return draft;
}
