import { graphql, type FragmentOf } from "../graphql/index.ts";

/** What is shown of an event at a door, wherever it is shown. */
export const SHOWN_EVENT = graphql(`
  fragment ShownEvent on DoorEvent {
    __typename
    occurredAt
    receivedAt
    performedVia
    lock {
      id
      serial
      addressText
    }
    actor {
      employeeId
      name
      pseudonym
    }
    ... on DoorJammed {
      towards
    }
    ... on DoorLeafMoved {
      position
    }
    ... on DoorDenied {
      reasons
      nextStep {
        da
        en
      }
    }
    ... on CommandSettled {
      state
      detail
    }
    ... on RefusedAtDoor {
      counts {
        reason
        count
      }
    }
    ... on LockRestarted {
      cause
    }
    ... on EventsLost {
      from
      to
    }
    ... on LockTampered {
      what
    }
    ... on LockQuarantined {
      cause
    }
  }
`);

/** A row of the feed. */
export const FEED_EDGE = graphql(
  `
    fragment FeedEdge on DoorEventEdge {
      cursor
      replayed
      gap {
        oldest
        restored
      }
      node {
        ...ShownEvent
      }
    }
  `,
  [SHOWN_EVENT],
);
/** See {@link FEED_EDGE}. */
export type FeedEdge = FragmentOf<typeof FEED_EDGE>;
/** An event as the feed shows it. */
export type FeedEvent = NonNullable<FeedEdge["node"]>;

/** The newest events before a place, oldest first, and where a subscription goes on. */
export const RECENT_EVENTS = graphql(
  `
    query RecentEvents($last: Int!, $before: Cursor, $filter: DoorEventFilter) {
      recentDoorEvents(last: $last, before: $before, filter: $filter) {
        subscribeAfter
        edges {
          ...FeedEdge
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
  `,
  [FEED_EDGE],
);

/** Where the newest event stands: whoever has come so far has caught up. */
export const NEWEST_EVENT = graphql(`
  query NewestEvent($filter: DoorEventFilter) {
    recentDoorEvents(last: 1, filter: $filter) {
      edges {
        cursor
      }
    }
  }
`);

/** Every event behind a place, and then each as it happens. */
export const DOOR_EVENTS = graphql(
  `
    subscription DoorEvents($after: Cursor, $filter: DoorEventFilter) {
      doorEvents(after: $after, filter: $filter) {
        ...FeedEdge
      }
    }
  `,
  [FEED_EDGE],
);

/** Districts by which the feed is narrowed. */
export const DISTRICTS = graphql(`
  query Districts {
    districts {
      id
      name
    }
  }
`);
