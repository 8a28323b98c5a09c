import { graphql, type FragmentOf } from "../graphql/index.ts";
import { BATTERY_ROW } from "../locks/list-documents.ts";
import { SHOWN_EVENT } from "../feed/documents.ts";
import { LOCK_FACTS, WAY } from "../path/documents.ts";

/** An event at one lock, in the words of the feed. */
const LOCK_EVENT = graphql(
  `
    fragment LockEvent on DoorEvent {
      id
      ...ShownEvent
    }
  `,
  [SHOWN_EVENT],
);
/** See {@link LOCK_EVENT}. */
export type LockEvent = FragmentOf<typeof LOCK_EVENT>;

/** Everything that the page shows of some locks. */
export const PASSPORTS = graphql(
  `
    query Passports($ids: [ID!]!, $first: Int!) {
      locks(filter: { locks: $ids }, first: $first) {
        edges {
          node {
            ...LockFacts
            serial
            model
            addressText
            verdict {
              code
              tone
              at
              da
              en
              parts {
                code
                tone
                since
                da
                en
              }
              advice {
                route
                da
                en
              }
            }
            remoteOpening {
              setting
              leave
              roles
            }
            lastEvents(first: 10) {
              ...LockEvent
            }
          }
        }
      }
    }
  `,
  [LOCK_FACTS, LOCK_EVENT],
);

/** Where a lock is, and the paths through its door. */
export const LOCK_PLACE = graphql(
  `
    query LockPlace($id: ID!) {
      lock(by: { id: $id }) {
        id
        serial
        addressText
        address {
          id
          line
        }
        place {
          id
          kind
        }
        paths {
          ...Way
        }
      }
    }
  `,
  [WAY],
);

/** A lock for whoever sees batteries only. */
export const LOCK_BATTERY = graphql(
  `
    query LockBattery($id: ID!) {
      lock(by: { id: $id }) {
        ...BatteryRow
      }
    }
  `,
  [BATTERY_ROW],
);

/** An address with the paths that lead to it or pass its doors. */
export const ADDRESS_PLACE = graphql(
  `
    query AddressPlace($id: ID!) {
      node(id: $id) {
        __typename
        ... on Address {
          id
          line
          paths {
            ...Way
          }
        }
      }
    }
  `,
  [WAY],
);

/** Some locks as they are, and then each of their changes. */
export const FACTS_CHANGED = graphql(
  `
    subscription FactsChanged($ids: [ID!]!) {
      lockChanged(filter: { locks: $ids }) {
        kind
        lockId
        lock {
          ...LockFacts
        }
      }
    }
  `,
  [LOCK_FACTS],
);
