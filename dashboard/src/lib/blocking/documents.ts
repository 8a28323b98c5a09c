import { graphql, type FragmentOf } from "../graphql/index.ts";

/** A block and how far it has come. */
export const BLOCK = graphql(`
  fragment BlockState on Block {
    id
    lifted
    placedAt
    commandsUntil
    denyUntil
    reach {
      hubsApplied
      hubsTotal
      locksProven
      locksTotal
      residual {
        lockId
        until
      }
    }
  }
`);
/** See {@link BLOCK}. */
export type BlockState = FragmentOf<typeof BLOCK>;

/** Blocks that stand on a device. */
export const BLOCKS_ON = graphql(
  `
    query BlocksOn($credential: ID!) {
      blocksOn(credential: $credential) {
        ...BlockState
      }
    }
  `,
  [BLOCK],
);

/** Blocks a device. */
export const BLOCK_CREDENTIAL = graphql(
  `
    mutation BlockDevice($input: BlockCredentialInput!) {
      blockCredential(input: $input) {
        __typename
        ... on BlockCredentialSuccess {
          endedSessions
          block {
            ...BlockState
          }
        }
        ... on UserError {
          code
        }
      }
    }
  `,
  [BLOCK],
);

/** Lifts blocks, each named. */
export const UNBLOCK_CREDENTIAL = graphql(`
  mutation UnblockDevice($input: UnblockCredentialInput!) {
    unblockCredential(input: $input) {
      __typename
      ... on UserError {
        code
      }
    }
  }
`);

/** Where the locks stand that have not proven a block. */
export const RESIDUAL_PLACES = graphql(`
  query ResidualPlaces($ids: [ID!]!, $first: Int!) {
    locks(filter: { locks: $ids }, first: $first) {
      edges {
        node {
          id
          addressText
          serial
        }
      }
    }
  }
`);

/** The employee whom a user id means, however it is written, with the devices that are enrolled. */
export const FIND_EMPLOYEE = graphql(`
  query FindEmployee($userId: String!) {
    employee(userId: $userId) {
      id
      externalId
      name
      active
      credentials {
        id
        form
        model
        enrolledAt
      }
    }
  }
`);
