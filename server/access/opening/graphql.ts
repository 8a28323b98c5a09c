import type { PortnerBuilder } from "../../identity/index.ts";
import type { LocksGraphql } from "../../locks/graphql/graphql.ts";
import { addCommandChanged } from "./graphql/command-changed.ts";
import type { OpeningGraphqlDeps } from "./graphql/deps.ts";
import { addOpenDoor } from "./graphql/open-door.ts";
import { addTypes } from "./graphql/types.ts";

export type { OpeningGraphqlDeps } from "./graphql/deps.ts";
export { seesChain, type OpeningRefs } from "./graphql/types.ts";

/** Adds `openDoor`, `commandChanged` and the types of operations and commands; answers the refs. */
export function extendOpening(builder: PortnerBuilder, deps: OpeningGraphqlDeps, locks: LocksGraphql) {
  const refs = addTypes(builder, locks);
  addOpenDoor(builder, deps, refs);
  addCommandChanged(builder, deps, refs);
  return refs;
}
