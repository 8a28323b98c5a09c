import { lexicographicSortSchema, printSchema, type GraphQLSchema } from "graphql";

/** The schema as text, sorted, so that two emissions of one schema are one file. Ends with a newline. */
export function emitSdl(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
