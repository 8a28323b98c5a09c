import { graphql, type FragmentOf } from "../graphql/index.ts";

/** An opening as it stands. */
export const OPERATION = graphql(`
  fragment OpeningOperation on Operation {
    id
    outcome
    createdAt
    skippedDoors
    locks {
      id
    }
    stoppedAt {
      id
    }
    commands {
      id
      state
      detail
      decidedAt
      expiresAt
      lock {
        id
      }
    }
  }
`);
/** See {@link OPERATION}. */
export type OpeningOperation = FragmentOf<typeof OPERATION>;

/** Opens a door or a way in. At most once a key, whatever is sent again; sent again it tells how the opening stands. */
export const OPEN_DOOR = graphql(
  `
    mutation OpenDoor($input: OpenDoorInput!) {
      openDoor(input: $input) {
        __typename
        ... on OpenDoorSuccess {
          operation {
            ...OpeningOperation
          }
        }
        ... on AccessDeniedError {
          reasons
          nextStep {
            da
            en
          }
        }
        ... on UserError {
          code
        }
      }
    }
  `,
  [OPERATION],
);

/** An operation as it stands, and again at each change. */
export const OPERATION_CHANGED = graphql(
  `
    subscription OperationChanged($id: ID!) {
      commandChanged(id: $id) {
        ...OpeningOperation
      }
    }
  `,
  [OPERATION],
);
