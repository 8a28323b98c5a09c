import { mayAtAll, type Principal } from "../../identity/index.ts";
import { searchEntries } from "../../journal/index.ts";
import { LockRights, type LockProblemCode, type LockView } from "../../locks/index.ts";
import { doorEventOf, type DoorEvent } from "./door-event.ts";
import type { DoorEvents } from "./door-events.ts";

/** Why a lock is called to somebody's attention, the most urgent first. */
export const ATTENTION_CAUSES = [
  "DENIED_AGAIN",
  "JAMMED",
  "TAMPERED",
  "QUARANTINED",
  "SILENT_LONG",
  "LOW_BATTERY",
] as const;
/** See {@link ATTENTION_CAUSES}. */
export type AttentionCause = (typeof ATTENTION_CAUSES)[number];

/** Denials at one door within this are one person who doesn't get in. */
export const DENIALS_WITHIN_MS = 5 * 60_000;
/** One denial is a wrong door; two are a call to come. */
export const DENIALS_MIN = 2;
/** A lock may lose its network for a while; after this somebody has to look. */
export const SILENT_LONG_MS = 15 * 60_000;
/** Denials looked at: a city's in five bad minutes. */
const DENIALS_MAX = 2_000;

/** One lock that needs somebody. */
export interface AttentionItem {
  readonly lock: LockView;
  /** Since when, or for denials when the last one was; null where the hub can't know. */
  readonly since: number | null;
  /** How many denials; 1 for everything else. */
  readonly times: number;
  /** Of denials, the last one. */
  readonly last: DoorEvent | undefined;
}

/** Everything that needs somebody for one cause: longest first, of denials the last one first. */
export interface Attention {
  readonly cause: AttentionCause;
  readonly items: readonly AttentionItem[];
}

/** Of a cause about which the caller may know nothing, nothing is said: no lock would be as good as _all is well_. */
function mayKnow(principal: Principal, cause: AttentionCause): boolean {
  if (cause === "LOW_BATTERY") return mayAtAll(principal, "readBatteryList");
  if (cause !== "DENIED_AGAIN") return mayAtAll(principal, "readLockStatus", "batteryOnly");
  return mayAtAll(principal, "readDoorEvents") || mayAtAll(principal, "subscribe", "batteryOnly");
}

/** What needs somebody now, in the caller's reach: one for each cause that is theirs to know, also without a lock. */
export async function findAttention(
  deps: { readonly events: DoorEvents; readonly lockOf: (lock: number) => LockView | undefined },
  principal: Principal,
): Promise<readonly Attention[]> {
  if (principal.kind === "anonymous") return [];
  const { directory, involvement, clock } = deps.events;
  const rights = new LockRights(involvement);
  const now = clock.now();
  const denied = await deniedAgain(deps, principal, principal.tenant);
  const items = new Map<AttentionCause, AttentionItem[]>(ATTENTION_CAUSES.map((cause) => [cause, []]));
  items.set("DENIED_AGAIN", denied);
  for (const place of directory.ofTenant(principal.tenant)) {
    const status = rights.maySeeStatus(principal, place);
    const battery = rights.maySeeBattery(principal, place);
    const lock = status || battery ? deps.lockOf(place.lock) : undefined;
    if (lock === undefined) continue;
    for (const { code, since } of lock.problems) {
      const cause = causeOf(code, since, now);
      if (cause === undefined || !(cause === "LOW_BATTERY" ? battery : status)) continue;
      items.get(cause)?.push({ lock, since, times: 1, last: undefined });
    }
  }
  const known = ATTENTION_CAUSES.filter((cause) => mayKnow(principal, cause));
  return known.map((cause) => ({ cause, items: (items.get(cause) ?? []).toSorted(order(cause)) }));
}

function causeOf(code: LockProblemCode, since: number | null, now: number): AttentionCause | undefined {
  switch (code) {
    case "JAMMED":
    case "TAMPERED":
    case "QUARANTINED":
    case "LOW_BATTERY":
      return code;
    case "SILENT":
      return since !== null && now - since >= SILENT_LONG_MS ? "SILENT_LONG" : undefined;
    default:
      return undefined;
  }
}

function order(cause: AttentionCause): (a: AttentionItem, b: AttentionItem) => number {
  const sign = cause === "DENIED_AGAIN" ? -1 : 1;
  return (a, b) => sign * ((a.since ?? 0) - (b.since ?? 0));
}

async function deniedAgain(
  { events, lockOf }: Parameters<typeof findAttention>[0],
  principal: Principal,
  tenant: number,
): Promise<AttentionItem[]> {
  const entries = await searchEntries(events.sql, {
    tenant,
    kinds: ["opening.denied", "answer.refused"],
    from: events.clock.now() - DENIALS_WITHIN_MS,
    order: "newestFirst",
    limit: DENIALS_MAX,
  });
  const denials = entries.flatMap((entry) => {
    const event = doorEventOf(entry, undefined);
    return event !== undefined && events.rights.maySee(principal, event) ? [event] : [];
  });
  const atLock = Map.groupBy(denials, (event) => events.rights.lockOf(event));
  return [...atLock].flatMap(([key, [last, ...earlier]]) => {
    const lock = key === undefined ? undefined : lockOf(key);
    const times = earlier.length + 1;
    if (lock === undefined || last === undefined || times < DENIALS_MIN) return [];
    return [{ lock, since: last.occurredAt, times, last }];
  });
}
