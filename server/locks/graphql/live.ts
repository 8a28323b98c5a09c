import { BEAT_MS } from "../../graphql/live-stream.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { globalIdText } from "../../graphql/scalars.ts";
import type { PortnerBuilder } from "../../identity/index.ts";
import { LockChanges, type LockChange } from "../lock-changes.ts";
import type { LockFeed } from "../lock-feed.ts";
import { matchingViews, maySeeSomeLock, visibleView, type LockListDeps, type LockListRefs } from "./lists.ts";
import { readLockFilter } from "./filter.ts";

/** What the live list stands on. */
export interface LiveLocksDeps extends LockListDeps {
  readonly feed: LockFeed;
  readonly beatMs?: number | undefined;
}

const KINDS: Readonly<Record<string, { readonly value: LockChange["kind"]; readonly description: string }>> = {
  SNAPSHOT: { value: "snapshot", description: "A lock as it is at the beginning." },
  SNAPSHOT_END: { value: "snapshotEnd", description: "Every lock that matches has been shown." },
  CHANGED: { value: "changed", description: "A lock that looks different, or matches now." },
  LEFT: { value: "left", description: "A lock that matches no longer, or is no longer the caller's to see." },
  BEAT: { value: "beat", description: "Nothing was said for 10 s; the line is whole." },
};

/** Adds `lockChanged`. */
export function addLockChanged(builder: PortnerBuilder, deps: LiveLocksDeps, refs: LockListRefs): void {
  const KindRef = builder.enumType("LockChangeKind", { values: KINDS });
  const EdgeRef = builder.objectRef<LockChange>("LockChange").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      kind: t.field({ type: KindRef, resolve: ({ kind }) => kind }),
      lock: t.field({
        type: refs.LockRef,
        nullable: true,
        description: "Absent when the lock has left, and in what is about no lock.",
        resolve: (change) => ("view" in change ? change.view : null),
      }),
      lockId: t.id({ nullable: true, resolve: (change) => idOf(change) }),
    }),
  });
  builder.subscriptionField("lockChanged", (t) =>
    t.field({
      type: EdgeRef,
      description:
        "The locks that match, one edge each, then `SNAPSHOT_END`, then each change. A lock that changes faster than the " +
        "reader reads is shown once, as it is then. Silence is announced as well.",
      authScopes: (_root, _args, { principal }) => maySeeSomeLock(principal),
      args: { filter: t.arg({ type: refs.LockFilterRef }) },
      subscribe: (_root, { filter: input }, { principal }) => {
        const filter = readLockFilter(input, principal);
        const { clock, feed, beatMs = BEAT_MS } = deps;
        return new LockChanges({
          clock,
          feed,
          beatMs,
          begin: [...matchingViews(deps, principal, filter)].map((view) => view.place.lock),
          look: (lock) => {
            const place = deps.directory.byLock(lock);
            return place === undefined ? undefined : visibleView(deps, principal, { place, filter });
          },
        });
      },
      resolve: (change: LockChange) => change,
    }),
  );
}

function idOf(change: LockChange): string | null {
  if ("view" in change) return globalIdText("Lock", change.view.place.lockId);
  return change.kind === "left" ? globalIdText("Lock", change.lockId) : null;
}
