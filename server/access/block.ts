import type { BlockSubject } from "@portner/schema/access";
import { CLOCK_SKEW_MS_MAX, COMMAND_LIFE_MS_MAX, PERMIT_LIFE_MS_MAX } from "@portner/schema/mqtt";
import type { Revision } from "@portner/schema/journal";
import { endedSessionEntries } from "../identity/index.ts";
import { append, newEntry, setApart } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database, Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import type { EndSessions } from "../people/index.ts";
import { readReach, type Reach } from "./reach.ts";
import { findSubject, insertBlock, type CredentialForm, type SubjectReach } from "./store/blocks.ts";
import { entryIdOfBlock, readHead } from "./store/head.ts";

/** A reason is a sentence or two of a colleague, not a report. */
export const REASON_CHARACTERS_MAX = 500;
/**
 * Added to every deny: a block may commit as long after its time was read as a transaction may take (5 s), and the clocks
 * of the hub that blocks and of the one that just allowed may be 4 s apart.
 */
const DENY_MARGIN_MS = 9_000;

/** What blocking needs. */
export interface BlockDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly endSessions: EndSessions;
  /** Wakes this hub's own tail after the commit. */
  readonly poke: () => void;
}

/** A block to be placed. Whoever calls has authorised it. */
export interface BlockInput {
  readonly tenant: number;
  readonly subject: BlockSubject;
  /** Account that blocks; null for the hub itself. */
  readonly actor: number | null;
  readonly reason: string | null;
}

/** Why a block could not be placed. */
export type BlockFailure =
  { readonly code: "SUBJECT_NOT_FOUND" } | { readonly code: "REASON_TOO_LONG"; readonly max: number };

/** A block that stands in the journal and is in effect on every hub. */
export interface PlacedBlock {
  /** Its public id, by which it is lifted. */
  readonly block: string;
  readonly revision: Revision;
  readonly denyUntil: Instant;
  readonly endedSessions: number;
  /** How far it had come when this was answered; null where Postgres went away right behind the commit. */
  readonly reach: Reach | null;
}

/**
 * Blocks a subject, and ends the sessions that hang on it, in one transaction: from its commit on no hub lets anything
 * through that was decided before. A second block on the same subject is a block of its own.
 */
export async function placeBlock(input: BlockInput, deps: BlockDeps): Promise<Result<PlacedBlock, BlockFailure>> {
  if ((input.reason?.length ?? 0) > REASON_CHARACTERS_MAX) {
    return fail({ code: "REASON_TOO_LONG", max: REASON_CHARACTERS_MAX });
  }
  const publicId = newId(deps.random);
  const done = await append<Written, BlockFailure>(deps, async (tables) => {
    const { epoch } = await readHead(tables);
    const found = await findSubject(tables, input.tenant, input.subject);
    if (found === undefined) return { refused: { code: "SUBJECT_NOT_FOUND" } };
    return write(tables, { ...input, publicId, epoch, found }, deps);
  });
  if (done.outcome === "refused") return fail(done.failure);
  if (done.outcome !== "appended") throw new InvariantError(`a new block can't be \`${done.outcome}\``);
  deps.poke();
  const { epoch, ...rest } = done.value;
  const revision = { epoch, sequence: done.sequence };
  const about = { tenant: input.tenant, subject: input.subject, sequence: done.sequence, denyUntil: rest.denyUntil };
  const reach = await readReach(about, deps).catch(() => null);
  return ok({ block: publicId, revision, ...rest, reach });
}

interface Written {
  readonly epoch: number;
  readonly denyUntil: Instant;
  readonly endedSessions: number;
}

async function write(
  tables: Tables,
  input: BlockInput & { readonly publicId: string; readonly epoch: number; readonly found: SubjectReach },
  deps: BlockDeps,
) {
  const { tenant, subject, actor, publicId, found } = input;
  const at = deps.clock.now();
  const denyUntil = at + denyLifeMs(found.form);
  const key = await insertBlock(tables, { publicId, tenant, subject, placedAt: at, placedBy: actor, denyUntil });
  if (key === undefined) throw new InvariantError("an inserted block has no key");
  const sessions = await deps.endSessions(tables, found);
  const ended = endedSessionEntries(deps, { tenant, sessions, cause: "BLOCKED", actor: actor ?? undefined });
  const text = input.reason === null ? undefined : setApart(deps.random, tenant, input.reason);
  const subjects = { tenant, actor: actor ?? undefined, ...entrySubject(subject) };
  const placed = newEntry("block.placed", {
    entryId: entryIdOfBlock(publicId),
    occurredAt: at,
    ...subjects,
    data: { block: key, subject, reason: text?.reference ?? null, denyUntil },
  });
  return {
    entries: [placed, ...ended] as const,
    rows: text === undefined ? {} : { journal_text: [text.row] },
    value: { epoch: input.epoch, denyUntil, endedSessions: sessions.length },
  };
}

/** The rows an entry about a subject is found by. */
export function entrySubject({ type, id }: BlockSubject): { readonly credential?: number; readonly person?: number } {
  if (type === "credential") return { credential: id };
  return type === "person" ? { person: id } : {};
}

/** After this, no command that was decided before a block placed at `placedAt` is good any more, at any lock. */
export function commandsEndAt(placedAt: Instant): Instant {
  return placedAt + COMMAND_LIFE_MS_MAX + CLOCK_SKEW_MS_MAX + DENY_MARGIN_MS;
}

// A phone opens only by commands, which die within seconds; everything else may stand for a smartkey and its permit.
function denyLifeMs(form: CredentialForm | undefined): number {
  const onlyByCommand = form === "phone" || form === "tablet";
  return (onlyByCommand ? COMMAND_LIFE_MS_MAX : PERMIT_LIFE_MS_MAX) + CLOCK_SKEW_MS_MAX + DENY_MARGIN_MS;
}
