import { graphql, type ResultOf } from "../graphql/index.ts";

/** A one-time code and a public key become a credential with a session. */
export const ENROL = graphql(`
  mutation EnrolThisPhone($input: EnrolPhoneInput!) {
    enrolPhone(input: $input) {
      __typename
      ... on EnrolPhoneSuccess {
        credentialId
        token
        expiresAt
      }
      ... on UserError {
        code
      }
    }
  }
`);

/** The next session, for a proof by the device's key. */
export const RENEW = graphql(`
  mutation RenewThisPhone($proof: String) {
    renewPhoneSession(proof: $proof) {
      __typename
      ... on RenewPhoneSessionSuccess {
        token
        expiresAt
      }
      ... on UserError {
        code
      }
    }
  }
`);

/** Whom to call, and a page of the ways in that the phone's holder may open; twice as many would cost more than one query may. */
export const MY_DOORS = graphql(`
  query MyDoors($after: String) {
    viewer {
      __typename
      ... on PhoneViewer {
        hotlinePhone
      }
    }
    myPathsVersion
    myPaths(first: 50, after: $after) {
      edges {
        node {
          id
          home {
            line
            postalCode
            city
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
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
/** One way in: gate, stairwell, flat. */
export type PhonePath = ResultOf<typeof MY_DOORS>["myPaths"]["edges"][number]["node"];

/** Whether the doors are still those that were fetched. */
export const MY_DOORS_VERSION = graphql(`
  query MyDoorsVersion {
    myPathsVersion
  }
`);

/** Nothing is read from it but that it goes on: the hub ends it when the phone's right ends. */
export const WATCH = graphql(`
  subscription WatchThisPhone {
    doorEvents {
      cursor
    }
  }
`);
