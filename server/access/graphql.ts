import type { PortnerBuilder } from "../identity/index.ts";
import type { LocksGraphql } from "../locks/graphql/graphql.ts";
import type { AddressRow, DoorRow, PathHome } from "../places/index.ts";
import { addBlocks, type BlockGraphqlDeps } from "./graphql/blocks.ts";
import { addDecide, type DecideGraphqlDeps } from "./graphql/decide.ts";
import { addMyPaths } from "./graphql/my-paths.ts";
import { addPaths } from "./graphql/paths.ts";
import { addRemoteOpening } from "./graphql/remote-opening.ts";
import { extendOpening, type OpeningGraphqlDeps } from "./opening/graphql.ts";

/** What access's fields stand on. */
export type AccessGraphqlDeps = BlockGraphqlDeps & DecideGraphqlDeps & OpeningGraphqlDeps;

/** Adds decisions, openings, blocks and a phone's own paths to the schema. */
export function extendAccess(
  builder: PortnerBuilder,
  deps: AccessGraphqlDeps,
  refs: {
    readonly PathRef: ReturnType<typeof builder.objectRef<PathHome>>;
    readonly AddressRef: ReturnType<typeof builder.objectRef<AddressRow>>;
    readonly DoorRef: ReturnType<typeof builder.objectRef<DoorRow>>;
    readonly locks: LocksGraphql;
  },
) {
  const { DoorRef, locks } = refs;
  const opening = extendOpening(builder, deps, locks);
  builder.objectField(DoorRef, "lock", (t) =>
    t.field({
      type: locks.LockRef,
      nullable: true,
      description: "The lock on this door; many have none.",
      resolve: (door) => locks.lockOf(deps.index.facts.lockOfDoor.get(door.id) ?? 0) ?? null,
    }),
  );
  addDecide(builder, deps, { opening, locks });
  addBlocks(builder, deps);
  addMyPaths(builder, deps, refs);
  addPaths(builder, deps, refs);
  addRemoteOpening(builder, deps.tables, locks);
  return opening;
}
