import { graphql, type FragmentOf } from "../graphql/index.ts";

/** What a hit shows of a lock: enough to say whether it is the lock, the door or the phone. */
export const HIT_LOCK = graphql(`
  fragment HitLock on Lock {
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
      at
    }
    freshness {
      state
      heardAt
    }
    battery {
      idleMillivolts
      at
    }
    problems {
      code
    }
    lastEvents(first: 1) {
      __typename
      occurredAt
      actor {
        employeeId
      }
      ... on CommandSettled {
        state
      }
      ... on DoorLeafMoved {
        position
      }
    }
  }
`);
/** See {@link HIT_LOCK}. */
export type HitLock = FragmentOf<typeof HIT_LOCK>;

/** An employee as a hit shows one. */
export const HIT_PERSON = graphql(`
  fragment HitPerson on Person {
    externalId
    name
    active
    department {
      name
    }
    provider {
      name
    }
  }
`);
/** See {@link HIT_PERSON}. */
export type HitPerson = FragmentOf<typeof HIT_PERSON>;

/** What was typed, the likeliest first. */
export const SEARCH = graphql(
  `
    query ConsoleSearch($text: String!, $first: Int!) {
      search(text: $text, first: $first) {
        __typename
        ... on PlaceHit {
          unmet
          address {
            id
            line
          }
          locks {
            ...HitLock
          }
        }
        ... on LockHit {
          lock {
            ...HitLock
          }
        }
        ... on PersonHit {
          person {
            ...HitPerson
          }
        }
      }
    }
  `,
  [HIT_LOCK, HIT_PERSON],
);

/** What needs somebody now, by cause. */
export const ATTENTION = graphql(`
  query Attention($first: Int!) {
    attention {
      cause
      count
      items(first: $first) {
        since
        times
        employeeId
        lock {
          id
          addressText
        }
      }
    }
  }
`);

/** Looks citizens up for a purpose; recorded before it answers. */
export const LOOK_UP = graphql(`
  mutation LookUpCitizen($input: LookUpCitizenInput!) {
    lookUpCitizen(input: $input) {
      __typename
      ... on LookUpCitizenSuccess {
        callerId
        citizens {
          id
          name
          emergencyCall
          address {
            id
            line
          }
          paths {
            id
            home {
              id
              line
            }
            doors {
              id
              kind
              lock {
                id
              }
            }
          }
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
