import { graphql, type FragmentOf, type ResultOf } from "../graphql/index.ts";

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

/** A lock as whoever sees batteries only may see it. */
export const BATTERY_LOCKS = graphql(`
  query BatteryLocks($filter: LockFilter, $first: Int!, $after: String) {
    locks(filter: $filter, first: $first, after: $after) {
      totalCount
      edges {
        node {
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
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
/** A row of {@link BATTERY_LOCKS}. */
export type BatteryRow = ResultOf<typeof BATTERY_LOCKS>["locks"]["edges"][number]["node"];

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
