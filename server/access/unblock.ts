import type { BlockSubject } from "@portner/schema/access";
import type { Revision, TextReference } from "@portner/schema/journal";
import { append, newEntry, setApart, type JournalSight, type NewEntry } from "../journal/index.ts";
import type { Instant } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { entrySubject, REASON_CHARACTERS_MAX, type BlockDeps } from "./block.ts";
import { findBlocks, insertLifts, raiseGenerations, type Raised, type StoredBlock } from "./store/blocks.ts";
import { readHead } from "./store/head.ts";

/** Blocks lifted at once, as the entry's kind allows. */
export const LIFTED_BLOCKS_MAX = 100;
/** Credentials whose generation one lift may raise: its entries go out in one piece and must not delay openings. */
export const RAISED_CREDENTIALS_MAX = 500;
/** Each try loses only to a revocation that committed in between; five in a row means that something storms. */
const TRIES_MAX = 5;

/** Blocks to be lifted, each named. Whoever calls has authorised it. */
export interface LiftInput {
  readonly tenant: number;
  /** Public ids. */
  readonly blocks: readonly string[];
  readonly actor: number | null;
  readonly reason: string;
  /** Whether whoever asks may still ask, as far as this hub knows. Absent where no session asks. */
  readonly stillMay?: () => boolean;
}

/** Why blocks could not be lifted; then none of them was. */
export type LiftFailure =
  | { readonly code: "REASON_MISSING" }
  | { readonly code: "REASON_TOO_LONG"; readonly max: number }
  | { readonly code: "BLOCKS_MISSING" }
  | { readonly code: "TOO_MANY_BLOCKS"; readonly max: number }
  | { readonly code: "BLOCK_NOT_FOUND"; readonly block: string }
  | { readonly code: "ALREADY_LIFTED"; readonly block: string }
  | { readonly code: "TOO_MANY_CREDENTIALS"; readonly max: number }
  | { readonly code: "OVERTAKEN" | "SESSION_ENDED" };

/** A lift that stands in the journal. */
export interface LiftedBlocks {
  readonly revision: Revision;
  /** Credentials that locks which deny the old generation accept again. */
  readonly raised: readonly Raised[];
}

/** What lifting needs. */
export type LiftDeps = Omit<BlockDeps, "endSessions"> & { readonly sight: JournalSight };

interface Written {
  readonly epoch: number;
  readonly raised: readonly Raised[];
}

/**
 * Lifts blocks by name; a subject is free once no block on it is left. The generations of the credentials behind it rise,
 * in Postgres only, so that locks need not hear of the lift. Refused under the head's lock when a right was taken away
 * since it was decided, and then decided anew.
 */
export async function liftBlocks(input: LiftInput, deps: LiftDeps): Promise<Result<LiftedBlocks, LiftFailure>> {
  const fault = faultOf(input);
  if (fault !== undefined) return fail(fault);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const seen = deps.sight.seenUpTo();
    if (input.stillMay?.() === false) return fail({ code: "SESSION_ENDED" });
    const done = await append<Written, LiftFailure>(deps, (tables) => write(tables, { input, seen }, deps));
    if (done.outcome === "stale") {
      await deps.sight.catchUp();
      continue;
    }
    if (done.outcome === "refused") return fail(done.failure);
    if (done.outcome === "repeated") throw new InvariantError("a new entry's id stood in the journal already");
    deps.poke();
    const { epoch, raised } = done.value;
    return ok({ revision: { epoch, sequence: done.sequence }, raised });
  }
  return fail({ code: "OVERTAKEN" });
}

function faultOf({ blocks, reason }: LiftInput): LiftFailure | undefined {
  if (reason.trim() === "") return { code: "REASON_MISSING" };
  if (reason.length > REASON_CHARACTERS_MAX) return { code: "REASON_TOO_LONG", max: REASON_CHARACTERS_MAX };
  if (blocks.length === 0) return { code: "BLOCKS_MISSING" };
  return blocks.length > LIFTED_BLOCKS_MAX ? { code: "TOO_MANY_BLOCKS", max: LIFTED_BLOCKS_MAX } : undefined;
}

async function write(
  tables: Tables,
  { input, seen }: { readonly input: LiftInput; readonly seen: number },
  deps: LiftDeps,
) {
  // Everything the lift is decided on is at least as new as this: the rows, and what is known of whoever lifts.
  const head = await readHead(tables);
  const decidedAt = { ...head, sequence: Math.min(head.sequence, seen) };
  const blocks = await findBlocks(tables, input.tenant, input.blocks);
  const at = deps.clock.now();
  const keys = blocks.map((block) => block.id);
  const lifted = new Set(keys.length === 0 ? [] : await insertLifts(tables, { blocks: keys, at, by: input.actor }));
  const refused = refusalOf(input, blocks, lifted);
  if (refused !== undefined) return { refused };
  const text = setApart(deps.random, input.tenant, input.reason);
  const entries: NewEntry[] = [];
  const raised: Raised[] = [];
  for (const group of Map.groupBy(blocks, ({ subject }) => `${subject.type}:${subject.id}`).values()) {
    const up = await raiseGenerations(tables, subjectOf(group));
    raised.push(...up);
    entries.push(...entriesOf(group, up, { input, at, decidedAt, reason: text.reference, deps }));
  }
  if (raised.length > RAISED_CREDENTIALS_MAX) {
    return { refused: { code: "TOO_MANY_CREDENTIALS", max: RAISED_CREDENTIALS_MAX } as const };
  }
  const [first, ...rest] = entries;
  if (first === undefined) throw new InvariantError("a lift without a block");
  const rows = { journal_text: [text.row] };
  return { entries: [first, ...rest] as const, rows, value: { epoch: decidedAt.epoch, raised } };
}

function refusalOf(
  { blocks: asked }: LiftInput,
  found: readonly StoredBlock[],
  lifted: ReadonlySet<number>,
): LiftFailure | undefined {
  for (const publicId of asked) {
    const block = found.find((each) => each.publicId === publicId);
    if (block === undefined) return { code: "BLOCK_NOT_FOUND", block: publicId };
    if (!lifted.has(block.id)) return { code: "ALREADY_LIFTED", block: publicId };
  }
  return undefined;
}

function subjectOf([first]: readonly StoredBlock[]): BlockSubject {
  if (first === undefined) throw new InvariantError("a group without a block");
  return first.subject;
}

// The lift of a credential's own block names the new generation; behind every other subject each credential has an entry.
function entriesOf(
  group: readonly StoredBlock[],
  raised: readonly Raised[],
  about: { input: LiftInput; at: Instant; decidedAt: Revision; reason: TextReference; deps: LiftDeps },
): NewEntry[] {
  const { input, at, decidedAt, reason, deps } = about;
  const subject = subjectOf(group);
  const own = subject.type === "credential" ? (raised[0]?.generation ?? null) : null;
  const shared = {
    occurredAt: at,
    decidedAtRevision: decidedAt.sequence,
    tenant: input.tenant,
    actor: input.actor ?? undefined,
  };
  const data = { blocks: group.map((block) => block.id), subject, generation: own, reason };
  const lift = newEntry("block.lifted", { entryId: newId(deps.random), ...shared, ...entrySubject(subject), data });
  if (own !== null) return [lift];
  const rises = raised.map((up) =>
    newEntry("credential.raised", { entryId: newId(deps.random), ...shared, credential: up.credential, data: up }),
  );
  return [lift, ...rises];
}
