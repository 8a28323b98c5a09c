import { createHash } from "node:crypto";
import { BlockSubject } from "@portner/schema/access";
import type { TransactionSql } from "postgres";
import { z } from "zod";
import type { Sql } from "../kernel/database.ts";

/** A line of the journal as the checks read it: by raw SQL, so that they share no reader with what they check. */
export interface JournalLine {
  readonly seq: number;
  readonly kind: string;
  readonly recordedAt: number;
  readonly lock: number | null;
  readonly unit: number | null;
  readonly credential: number | null;
  readonly command: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Every line, oldest first. */
export async function readJournal(sql: Sql): Promise<readonly JournalLine[]> {
  return sql<JournalLine[]>`
    SELECT seq::float8 AS seq, kind, (extract(epoch FROM recorded_at) * 1000)::float8 AS "recordedAt", lock, unit,
      credential, command, data
    FROM journal ORDER BY seq`;
}

interface ChainLine {
  readonly seq: string;
  readonly digest: Buffer;
  readonly chain: Buffer | null;
  readonly text: string;
}

const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What is wrong with the journal itself: numbers, digests, chain from entry 1, head. Empty when it is whole. */
export async function faultsOfChain(sql: Sql): Promise<string[]> {
  // One snapshot: hubs may go on writing meanwhile.
  return sql.begin("ISOLATION LEVEL REPEATABLE READ", (snapshot) => faultsOfSnapshot(snapshot));
}

async function faultsOfSnapshot(sql: TransactionSql): Promise<string[]> {
  const lines = await sql<ChainLine[]>`
    SELECT seq, digest, chain, jsonb_build_array(seq, epoch, entry_id, tenant, kind, version,
      (extract(epoch FROM occurred_at) * 1000000)::bigint, (extract(epoch FROM recorded_at) * 1000000)::bigint, hub,
      rules_version, decided_at_revision, lock, unit, door, path, person, credential, actor, command, data)::text AS text
    FROM journal ORDER BY seq`;
  const faults: string[] = [];
  let hash = sha256("portner journal 1");
  let batch: Buffer[] = [];
  for (const [at, line] of lines.entries()) {
    if (Number(line.seq) !== at + 1) faults.push(`entry ${at + 1} is numbered ${line.seq}`);
    if (!sha256(line.text).equals(line.digest)) faults.push(`entry ${line.seq} is not what its digest says`);
    batch.push(line.digest);
    if (line.chain === null) continue;
    hash = sha256(hash, ...batch);
    batch = [];
    if (!hash.equals(line.chain)) faults.push(`the chain breaks at entry ${line.seq}`);
  }
  if (batch.length > 0) faults.push(`${batch.length} entries stand behind the last link of the chain`);
  const [head] = await sql<{ seq: string; hash: Buffer }[]>`SELECT seq, hash FROM head`;
  if (Number(head?.seq) !== lines.length) faults.push(`the head says ${head?.seq}, there are ${lines.length} entries`);
  if (head?.hash.equals(hash) !== true) faults.push("the head's hash is another than the chain's");
  const keys = await sql`SELECT 1 FROM journal j FULL JOIN entry_key k ON k.entry_id = j.entry_id AND k.seq = j.seq
    WHERE j.seq IS NULL OR k.seq IS NULL`;
  if (keys.length > 0) faults.push(`${keys.length} entries and their keys don't belong together`);
  return faults;
}

/**
 * What is wrong with operations: one whose beginning or end stands twice, or a command that was authorised twice. One that
 * ended in part may end once more, as complete.
 */
export function faultsOfOperations(journal: readonly JournalLine[]): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  const once = (what: string, line: JournalLine): void => {
    if (seen.has(what)) faults.push(`${what} stands twice, again at ${line.seq}`);
    seen.add(what);
  };
  for (const line of journal) {
    if (line.kind === "opening.authorised" || line.kind === "opening.denied") {
      once(`the beginning of operation ${String(line.data["operation"])}`, line);
    }
    if (line.kind === "opening.finished") {
      const end = `the end of operation ${String(line.data["operation"])}`;
      const isLate = line.data["outcome"] === "complete" && seen.has(end) && !seen.has(`${end}, complete`);
      if (!isLate) once(end, line);
      if (line.data["outcome"] === "complete") seen.add(`${end}, complete`);
    }
    // A lock of untrusted time is sent its command twice, the second time with its challenge.
    const challenged = line.data["challenged"] === true ? " with a challenge" : "";
    if (line.kind.startsWith("command.")) once(`${line.kind} of ${line.command}${challenged}`, line);
  }
  return faults;
}

/**
 * What is wrong with where commands stand: an opening that its lock has proven and that is not shown as opened. That
 * nobody had heard of it for a while may stand in the journal on either side of the proof.
 */
export async function faultsOfStates(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string; state: string; moved: string }[]>`
    SELECT c.id, c.state, m.seq AS moved
    FROM command c JOIN LATERAL (SELECT min(seq) AS seq FROM journal
      WHERE command = c.id AND kind = 'lock.moved' AND data ->> 'bolt' = 'withdrawn') m ON m.seq IS NOT NULL
    WHERE c.op = 'open' AND c.state <> 'opened'`;
  return rows.map(({ id, state, moved }) => `${id} was opened at entry ${moved}, and is \`${state}\``);
}

const Placed = z.looseObject({ subject: BlockSubject });
/** Kinds of entries on which a door may open. */
const ALLOWING = new Set(["opening.authorised", "command.authorised", "answer.given"]);

/** What was allowed to credentials after the block that was placed on them: nothing may be. `blocks` counts these. */
export function allowedAfterBlock(journal: readonly JournalLine[]) {
  const blockedAt = new Map<number, number>();
  const faults: string[] = [];
  for (const { kind, seq, data, credential } of journal) {
    const subject = kind === "block.placed" ? Placed.parse(data).subject : undefined;
    if (subject?.type === "credential") blockedAt.set(subject.id, seq);
    const block = ALLOWING.has(kind) ? blockedAt.get(credential ?? 0) : undefined;
    if (block !== undefined) faults.push(`\`${kind}\` at entry ${seq} stands behind the block at ${block}`);
  }
  return { blocks: blockedAt.size, faults };
}
