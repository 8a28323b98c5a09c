import { initGraphQLTada } from "gql.tada";
import type { introspection } from "../../../.svelte-kit/graphql-env.d.ts";

/** Makes a document of the public API, with its types out of the schema. `graphql(text, [Fragment])` takes fragments. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { DateTime: string; Cursor: string; ID: string };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
