/**
 * The locks' part of the schema: `Lock`, `lock`, `locks`, `lockChanged`, `commissionLockUnit`, `decommissionLockUnit`,
 * `releaseQuarantine`, `quarantinedMessages`.
 */
import type { PortnerBuilder } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import type { DecommissionDeps } from "../decommission.ts";
import { LockFeed } from "../lock-feed.ts";
import { LockRights, type Involvement } from "../lock-rights.ts";
import { viewOf, type LockSources, type LockView } from "../lock-view.ts";
import type { ReleaseDeps } from "../release-quarantine.ts";
import { addCommissioning, type CommissioningDeps } from "./commissioning.ts";
import { addLockEnums } from "./enums.ts";
import { addLockFilter } from "./filter.ts";
import { addLockQueries } from "./lists.ts";
import { addLockChanged } from "./live.ts";
import { addLockType } from "./lock-type.ts";
import { addDecommissioning } from "./decommissioning.ts";
import { addQuarantinedMessages } from "./quarantine.ts";
import type { LockRef, LowerRefs } from "./refs.ts";
import { addRelease } from "./release.ts";

/** What the locks' part of the schema stands on. */
export interface LocksGraphqlDeps extends LockSources {
  readonly tables: Tables;
  readonly involvement: Involvement;
  /** Types of places. */
  readonly refs: LowerRefs;
  readonly commissioning: CommissioningDeps & DecommissionDeps & ReleaseDeps;
  /** Pause after which a silent stream says so; tests shorten it. */
  readonly beatMs?: number;
}

/** What higher domains build on. */
export interface LocksGraphql {
  readonly LockRef: LockRef;
  readonly rights: LockRights;
  /** The lock of an internal key, for a field of type `Lock`. Whoever calls has authorised it. */
  readonly lockOf: (lock: number) => LockView | undefined;
}

/** Adds locks to the schema. */
export function extendLocks(builder: PortnerBuilder, deps: LocksGraphqlDeps): LocksGraphql {
  const { clock, directory, registry, fleet, tables, refs, beatMs } = deps;
  const rights = new LockRights(deps.involvement);
  const enums = addLockEnums(builder);
  const common = { clock, directory, registry, fleet, tables, rights };
  const LockRef = addLockType(builder, { ...common, refs }, enums);
  const listRefs = { LockRef, LockFilterRef: addLockFilter(builder, enums) };
  addLockQueries(builder, common, listRefs);
  addLockChanged(builder, { ...common, feed: new LockFeed(common), beatMs }, listRefs);
  addQuarantinedMessages(builder, common, LockRef);
  addCommissioning(builder, deps.commissioning);
  addDecommissioning(builder, { ...common, units: deps.commissioning }, LockRef);
  addRelease(builder, { ...common, units: deps.commissioning }, LockRef);
  return {
    LockRef,
    rights,
    lockOf: (lock) => {
      const place = directory.byLock(lock);
      return place === undefined ? undefined : viewOf(common, place);
    },
  };
}
