import { graphql, type FragmentOf } from "../graphql/index.ts";

/** What a row of the list shows of a lock. */
export const LOCK_ROW = graphql(`
  fragment LockRow on Lock {
    id
    serial
    addressText
    inService
    quarantined
    place {
      kind
    }
    bolt {
      value
      at
    }
    door {
      value
    }
    freshness {
      state
      heardAt
      intervalMs
    }
    battery {
      idleMillivolts
      at
    }
    problems {
      code
      sentence {
        da
        en
      }
    }
  }
`);
/** See {@link LOCK_ROW}. */
export type LockRow = FragmentOf<typeof LOCK_ROW>;

/** One page of locks by address. */
export const LOCKS = graphql(
  `
    query Locks($filter: LockFilter, $first: Int!, $after: String) {
      locks(filter: $filter, first: $first, after: $after) {
        totalCount
        edges {
          cursor
          node {
            ...LockRow
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [LOCK_ROW],
);

/** What whoever sees batteries only sees of a lock. */
export const BATTERY_ROW = graphql(`
  fragment BatteryRow on Lock {
    id
    serial
    addressText
    place {
      kind
    }
    battery {
      idleMillivolts
      at
    }
  }
`);
/** See {@link BATTERY_ROW}. */
export type BatteryRow = FragmentOf<typeof BATTERY_ROW>;

/** One page of locks by address, for whoever sees batteries only. */
export const BATTERY_LOCKS = graphql(
  `
    query BatteryLocks($filter: LockFilter, $first: Int!, $after: String) {
      locks(filter: $filter, first: $first, after: $after) {
        totalCount
        edges {
          node {
            ...BatteryRow
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [BATTERY_ROW],
);

/** The locks that match, and then each of their changes. */
export const LOCK_CHANGED = graphql(
  `
    subscription LockChanged($filter: LockFilter) {
      lockChanged(filter: $filter) {
        kind
        lockId
        lock {
          ...LockRow
        }
      }
    }
  `,
  [LOCK_ROW],
);
