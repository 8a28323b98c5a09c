import { graphql, type FragmentOf } from "../graphql/index.ts";

/** A message as it was kept. */
export const KEPT_MESSAGE = graphql(`
  fragment KeptMessage on QuarantinedMessage {
    receivedAt
    channel
    fault
    bytes
    payloadBase64
    lock {
      id
      serial
      addressText
    }
  }
`);
/** See {@link KEPT_MESSAGE}. */
export type KeptMessage = FragmentOf<typeof KEPT_MESSAGE>;

/** Messages that made no sense, newest first. */
export const KEPT_MESSAGES = graphql(
  `
    query QuarantinedMessages($first: Int!, $after: String) {
      quarantinedMessages(first: $first, after: $after) {
        edges {
          cursor
          node {
            ...KeptMessage
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [KEPT_MESSAGE],
);

/** Locks that open for nobody until somebody has looked at them. */
export const QUARANTINED_LOCKS = graphql(`
  query QuarantinedLocks($first: Int!) {
    locks(filter: { problems: [QUARANTINED] }, first: $first) {
      totalCount
      edges {
        node {
          id
          serial
          addressText
          freshness {
            state
            heardAt
          }
        }
      }
    }
  }
`);

/** Ends a lock's quarantine. */
export const RELEASE = graphql(`
  mutation ReleaseQuarantine($input: ReleaseQuarantineInput!) {
    releaseQuarantine(input: $input) {
      __typename
      ... on ReleaseQuarantineSuccess {
        lock {
          id
          quarantined
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`);
