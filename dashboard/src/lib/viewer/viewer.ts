import type { Role } from "@portner/schema/people";
import { graphql } from "../graphql/index.ts";

/** Asks who is signed in. */
export const VIEWER = graphql(`
  query Viewer {
    viewer {
      __typename
      ... on AccountViewer {
        id
        name
        municipality
        expiresAt
        roles {
          role
        }
      }
    }
  }
`);

/** An individual signed in on the dashboard. */
export interface Viewer {
  readonly id: string;
  readonly name: string;
  readonly municipality: string;
  readonly roles: readonly Role[];
}
