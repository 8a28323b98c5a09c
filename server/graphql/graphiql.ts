import { renderGraphiQL } from "@graphql-yoga/render-graphiql";

/** The GraphiQL page, with everything in it: no address outside the hub is asked. About 9 MB, so render it once. */
export function graphiqlPage(): string {
  return renderGraphiQL({ title: "Portner", endpoint: "/graphql", subscriptionsProtocol: "WS" });
}
