import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  type UserError,
} from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { globalIdText, parseGlobalId } from "../../graphql/scalars.ts";
import { authorise, type Operation, type PortnerBuilder, type Principal } from "../../identity/index.ts";
import type { JournalSight } from "../../journal/index.ts";
import type { LockRegistry } from "../../locks/index.ts";
import {
  credentialByPublicId,
  credentialsByIds,
  personsByIds,
  type CredentialRow,
  type PersonRow,
} from "../../people/index.ts";
import { BLOCKS } from "../block-lane.ts";
import { commandsEndAt, placeBlock, type BlockDeps, type BlockFailure } from "../block.ts";
import { reachOfBlock, type Reach } from "../reach.ts";
import { findBlocks, type StoredBlock } from "../store/blocks.ts";
import { addBlocksOn } from "./blocks-on.ts";
import { liftBlocks, type LiftFailure } from "../unblock.ts";

/** What blocking's fields stand on. */
export interface BlockGraphqlDeps extends BlockDeps {
  readonly registry: LockRegistry;
  readonly sight: JournalSight;
}

/** Adds `blockCredential`, `unblockCredential`, `blocksOn` and blocks with their reach. */
export function addBlocks(builder: PortnerBuilder, deps: BlockGraphqlDeps): void {
  const BlockRef = addBlockType(builder, deps);
  // Whoever blocks waits for nobody's statements.
  const { database } = deps;
  addBlockCredential(builder, { ...deps, database: { ...database, ...database.reserved } }, BlockRef);
  addUnblockCredential(builder, deps);
  addBlocksOn(builder, BlockRef, {
    tables: deps.database.tables,
    subjectFor: (principal, credential) => reachableCredential(deps, principal, "blockDevice", credential),
  });
}

/** A block, with its reach where that was read a moment ago. */
interface ShownBlock extends StoredBlock {
  readonly reach?: Reach | null;
}

function addReachType(builder: PortnerBuilder, deps: BlockGraphqlDeps) {
  const ResidualRef = builder.objectRef<{ readonly lock: number; readonly until: number }>("ResidualLock").implement({
    ...INHERITS_RULE,
    description: "A lock that has not proven the deny list and may still accept what was signed before.",
    fields: (t) => ({
      lockId: t.id({ resolve: ({ lock }) => globalIdText("Lock", deps.registry.byLock(lock)?.lockId ?? "") }),
      until: t.field({ type: "DateTime", resolve: ({ until }) => until }),
    }),
  });
  return builder.objectRef<Reach>("BlockReach").implement({
    ...INHERITS_RULE,
    description:
      "How far a block has come. No hub opens for its subject from the commit on; this tells who has proven it.",
    fields: (t) => ({
      durable: t.exposeString("durable"),
      hubsApplied: t.int({ resolve: ({ hubs }) => hubs.applied }),
      hubsTotal: t.int({ resolve: ({ hubs }) => hubs.total }),
      locksProven: t.int({ nullable: true, resolve: ({ locks }) => locks?.proven ?? null }),
      locksTotal: t.int({ nullable: true, resolve: ({ locks }) => locks?.total ?? null }),
      residual: t.field({ type: [ResidualRef], resolve: ({ locks }) => [...(locks?.residual ?? [])] }),
    }),
  });
}

function addBlockType(builder: PortnerBuilder, deps: BlockGraphqlDeps) {
  const ReachRef = addReachType(builder, deps);
  const BlockRef = builder.objectRef<ShownBlock>("Block");
  builder.node(BlockRef, {
    description: "A block. It never changes; a lift names it.",
    id: { resolve: (row) => row.publicId },
    authScopes: (row, { principal }) => principal.kind !== "anonymous" && principal.tenant === row.tenant,
    loadOne: async (id, { principal }) => {
      if (principal.kind === "anonymous") return null;
      const [row] = await findBlocks(deps.database.tables, principal.tenant, [id]);
      return row !== undefined && (await maySee(deps, principal, row)) ? row : null;
    },
    fields: (t) => ({
      lifted: t.exposeBoolean("lifted"),
      placedAt: t.expose("placedAt", { type: "DateTime", description: "No hub opens for its subject from then on." }),
      commandsUntil: t.field({
        type: "DateTime",
        description: "From then on no command that was sent before the block is good at any lock.",
        resolve: ({ placedAt }) => commandsEndAt(placedAt),
      }),
      denyUntil: t.field({
        type: "DateTime",
        description: "Until then locks are told to deny.",
        resolve: (row) => row.denyUntil,
      }),
      reach: t.field({
        type: ReachRef,
        nullable: true,
        description: "Null while the block's own entry can't be found; then nothing is claimed.",
        resolve: async (row) => row.reach ?? (await reachOfBlock(row.tenant, row.publicId, deps)) ?? null,
      }),
    }),
  });
  return BlockRef;
}

/** A block is seen by whoever may place one like it: of a device, whoever may block its holder's devices. */
async function maySee({ database }: BlockGraphqlDeps, principal: Principal, { tenant, subject }: StoredBlock) {
  if (authorise(principal, "blockDevice", { tenant }).ok) return true;
  const { tables } = database;
  const [device] = subject.type === "credential" ? await credentialsByIds(tables, [subject.id]) : [];
  const [holder] = device === undefined ? [] : await personsByIds(tables, [device.person]);
  return holder !== undefined && authorise(principal, "blockDevice", factsOf(holder)).ok;
}

function factsOf({ tenant, department, provider, id }: PersonRow) {
  return { tenant, department: department ?? undefined, provider: provider ?? undefined, owner: id };
}

/** The credential behind a global id, if the principal may do this to its holder. */
async function reachableCredential(
  deps: BlockGraphqlDeps,
  principal: Principal,
  operation: Operation,
  globalId: string,
): Promise<CredentialRow> {
  const { tables } = deps.database;
  const parsed = parseGlobalId(globalId);
  const row = parsed.typename === "Credential" ? await credentialByPublicId(tables, parsed.id) : undefined;
  const [holder] = row === undefined ? [] : await personsByIds(tables, [row.person]);
  if (row === undefined || holder === undefined) throw new NotFoundError();
  const allowed = authorise(principal, operation, factsOf(holder));
  if (!allowed.ok) throw allowed.failure.code === "NO_ROLE" ? new ForbiddenError() : new NotFoundError();
  if (allowed.value.needsSecondPerson)
    throw new ForbiddenError("NEEDS_SECOND_PERSON", "a second person must approve this");
  return row;
}

function actorOf(principal: Principal): number | null {
  return principal.kind === "dashboard" ? principal.account : null;
}

function addBlockCredential(
  builder: PortnerBuilder,
  deps: BlockGraphqlDeps,
  BlockRef: ReturnType<typeof addBlockType>,
): void {
  const Input = builder.inputType("BlockCredentialInput", {
    fields: (t) => ({ credential: t.id({ required: true }), reason: t.string() }),
  });
  const Success = builder
    .objectRef<{
      readonly block: ShownBlock;
      readonly endedSessions: number;
      readonly revision: { epoch: number; sequence: number };
    }>("BlockCredentialSuccess")
    .implement({
      ...INHERITS_RULE,
      fields: (t) => ({
        block: t.field({ type: BlockRef, resolve: ({ block }) => block }),
        endedSessions: t.exposeInt("endedSessions"),
        revision: t.field({
          type: "Cursor",
          description: "Where it stands in the journal.",
          resolve: ({ revision }) => revision,
        }),
      }),
    });
  builder.mutationField("blockCredential", (t) =>
    t.field({
      type: Success,
      description:
        "Blocks a phone, tablet or smartkey: in effect on every hub at the commit, proven lock by lock after it.",
      authScopes: { may: "blockDevice" },
      extensions: BLOCKS.extensions,
      args: { input: t.arg({ type: Input, required: true }) },
      errors: {},
      resolve: async (_, { input }, { principal }) => {
        const row = await reachableCredential(deps, principal, "blockDevice", String(input.credential));
        const subject = { type: "credential" as const, id: row.id };
        const { reason } = input;
        const placed = await placeBlock(
          { tenant: row.tenant, subject, actor: actorOf(principal), reason: reason ?? null },
          deps,
        );
        if (!placed.ok) throw blockFailure(placed.failure);
        const [block] = await findBlocks(deps.database.tables, row.tenant, [placed.value.block]);
        if (block === undefined) throw new NotFoundError();
        const { endedSessions, revision, reach } = placed.value;
        return { block: { ...block, reach }, endedSessions, revision };
      },
    }),
  );
}

function blockFailure(failure: BlockFailure): UserError {
  if (failure.code === "SUBJECT_NOT_FOUND") return new NotFoundError();
  return new InvalidInputError(`a reason has at most ${failure.max} characters`, ["input", "reason"], failure.code);
}

function addUnblockCredential(builder: PortnerBuilder, deps: BlockGraphqlDeps): void {
  const Input = builder.inputType("UnblockCredentialInput", {
    fields: (t) => ({
      credential: t.id({ required: true }),
      blocks: t.idList({ required: true, description: "Each block to lift, by id." }),
      reason: t.string({ required: true }),
    }),
  });
  const Success = builder
    .objectRef<{ readonly revision: { epoch: number; sequence: number } }>("UnblockCredentialSuccess")
    .implement({
      ...INHERITS_RULE,
      fields: (t) => ({ revision: t.field({ type: "Cursor", resolve: ({ revision }) => revision }) }),
    });
  builder.mutationField("unblockCredential", (t) =>
    t.field({
      type: Success,
      description: "Lifts blocks on a credential, each named. The credential is free once no block is left.",
      authScopes: { may: "unblock" },
      args: { input: t.arg({ type: Input, required: true }) },
      errors: {},
      resolve: async (_, { input }, { principal }) => {
        const row = await reachableCredential(deps, principal, "unblock", String(input.credential));
        const blocks = input.blocks.map((id) => parseGlobalId(String(id)).id);
        const standing = await findBlocks(deps.database.tables, row.tenant, blocks);
        const others = standing.some(({ subject }) => subject.type !== "credential" || subject.id !== row.id);
        if (others) throw new InvalidInputError("a block stands on something else", ["input", "blocks"]);
        const lifted = await liftBlocks(
          {
            ...{ tenant: row.tenant, blocks, actor: actorOf(principal), reason: input.reason },
            stillMay: () => !principal.ended.aborted,
          },
          deps,
        );
        if (!lifted.ok) throw liftFailure(lifted.failure);
        return { revision: lifted.value.revision };
      },
    }),
  );
}

function liftFailure(failure: LiftFailure): UserError {
  switch (failure.code) {
    case "BLOCK_NOT_FOUND":
      return new NotFoundError("no such block", ["input", "blocks"]);
    case "ALREADY_LIFTED":
      return new ConflictError("a block was lifted before", failure.code, ["input", "blocks"]);
    case "SESSION_ENDED":
      return new ForbiddenError("SESSION_EXPIRED", "this session has ended; nothing was lifted");
    case "OVERTAKEN":
      return new ConflictError("rights were taken away meanwhile; look again", failure.code);
    case "REASON_MISSING":
    case "REASON_TOO_LONG":
      return new InvalidInputError("a reason is needed, of bounded length", ["input", "reason"], failure.code);
    case "BLOCKS_MISSING":
    case "TOO_MANY_BLOCKS":
    case "TOO_MANY_CREDENTIALS":
      return new InvalidInputError("the list of blocks can't be lifted at once", ["input", "blocks"], failure.code);
  }
}
