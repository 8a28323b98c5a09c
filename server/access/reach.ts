import type { BlockSubject } from "@portner/schema/access";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { findBlocks } from "./store/blocks.ts";
import { sequencesOfBlocks } from "./store/head.ts";
import { countHubs, countProofs, unprovenLocks } from "./store/reach.ts";

/** A hub that was not heard of for so long is not counted: it beats every second. */
export const HUB_SEEN_WITHIN_MS = 10_000;
/** Unproven locks named at once; more by paging. */
export const RESIDUAL_LOCKS_MAX = 200;

/** A block, as far as its reach is concerned. */
export interface ReachQuestion {
  readonly tenant: number;
  readonly subject: BlockSubject;
  /** Journal number of the block. */
  readonly sequence: number;
  readonly denyUntil: Instant;
}

/** A lock that may still accept what was signed before the block. */
export interface ResidualLock {
  readonly lock: number;
  /** When nothing that was signed before is valid any more, proof or not. */
  readonly until: Instant;
}

/** How far the deny document has come. */
export interface LockReach {
  /** Locks in service that have proven it. */
  readonly proven: number;
  readonly total: number;
  /** The first {@link RESIDUAL_LOCKS_MAX} that have not, by key; empty once `denyUntil` has passed. */
  readonly residual: readonly ResidualLock[];
}

/** How far a block has come. It is in effect on every hub from its commit on; this tells who knows it already. */
export interface Reach {
  readonly durable: "JOURNAL";
  readonly hubs: { readonly applied: number; readonly total: number };
  /** Null for a bundle: deny documents name credentials, and a bundle's members keep theirs. */
  readonly locks: LockReach | null;
}

/** Reads a block's reach. Rejects when Postgres is away. */
export async function readReach(
  block: ReachQuestion,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  after = 0,
): Promise<Reach> {
  const { tables } = database;
  const hubs = await countHubs(tables, block.sequence, HUB_SEEN_WITHIN_MS);
  if (block.subject.type === "bundle") return { durable: "JOURNAL", hubs, locks: null };
  const proofs = await countProofs(tables, block.tenant, block.sequence);
  const over = clock.now() >= block.denyUntil;
  const question = { version: block.sequence, after, first: RESIDUAL_LOCKS_MAX };
  const unproven = over ? [] : await unprovenLocks(tables, block.tenant, question);
  const residual = unproven.map((lock) => ({ lock, until: block.denyUntil }));
  return { durable: "JOURNAL", hubs, locks: { proven: proofs.applied, total: proofs.total, residual } };
}

/** Reads the reach of a block by its public id; undefined where the tenant has no such block. Rejects like `readReach`. */
export async function reachOfBlock(
  tenant: number,
  publicId: string,
  deps: { readonly database: Database; readonly clock: Clock },
): Promise<Reach | undefined> {
  const { tables } = deps.database;
  const [block] = await findBlocks(tables, tenant, [publicId]);
  const sequence = (await sequencesOfBlocks(tables, [publicId])).get(publicId);
  if (block === undefined || sequence === undefined) return undefined;
  return readReach({ ...block, sequence }, deps);
}
