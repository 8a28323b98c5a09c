import { graphql } from "../graphql/index.ts";

/** Whether a device may open a lock, with every check. */
export const DECIDE = graphql(`
  query Why($credential: ID!, $lock: ID!) {
    decide(input: { credential: $credential, lock: $lock }) {
      outcome
      basis
      reasons
      nextStep {
        route
        da
        en
      }
      chain {
        reason
        passed
        sentenceDa
        sentenceEn
        since
        until
      }
    }
  }
`);
