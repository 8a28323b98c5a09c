import type { SchemaShape } from "../../graphql/builder.ts";
import type { Operation, PortnerBuilder, Principal } from "../../identity/index.ts";
import type { Tables } from "../../kernel/database.ts";
import type { CredentialRow } from "../../people/index.ts";
import { findBlocksOn, type StoredBlock } from "../store/blocks.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>;

/** What `blocksOn` stands on. */
export interface BlocksOnDeps {
  readonly tables: Tables;
  /** The credential behind a global id, if the principal may block it; throws otherwise. */
  readonly subjectFor: (principal: Principal, credential: string) => Promise<CredentialRow>;
}

/** Adds `blocksOn`: what stands against a device, for whoever may block it. A lift names the blocks that it lifts. */
export function addBlocksOn(
  builder: PortnerBuilder,
  BlockRef: PothosSchemaTypes.ObjectRef<Types, StoredBlock>,
  { tables, subjectFor }: BlocksOnDeps,
): void {
  builder.queryField("blocksOn", (t) =>
    t.field({
      type: [BlockRef],
      description: "The blocks on a phone, tablet or smartkey that nobody has lifted, oldest first.",
      authScopes: { may: "blockDevice" },
      args: { credential: t.arg.id({ required: true }) },
      resolve: async (_root, { credential }, { principal }) => {
        const { id, tenant } = await subjectFor(principal, String(credential));
        const blocks = await findBlocksOn(tables, tenant, { type: "credential", id });
        return blocks.filter(({ lifted }) => !lifted);
      },
    }),
  );
}
