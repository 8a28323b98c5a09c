import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Revision } from "@portner/schema/journal";
import type { Tables } from "../../kernel/database.ts";
import { derivedId } from "../../kernel/ids.ts";

const Head = z.object({ epoch: z.number(), seq: z.coerce.number() });
const EntryKey = z.object({ entry_id: z.string(), seq: z.coerce.number() });

/** Where the journal stands. As the first statement of a transaction: everything read after it is at least as new. */
export async function readHead(tables: Tables): Promise<Revision> {
  const [row] = await tables.execute(sql`SELECT epoch, seq FROM head`);
  const { epoch, seq } = Head.parse(row);
  return { epoch, sequence: seq };
}

/** The id of the entry that places a block, so that the block's number in the journal can be found by its own id. */
export function entryIdOfBlock(publicId: string): string {
  return derivedId("block.placed", publicId);
}

/** The journal numbers of blocks, by public id. */
export async function sequencesOfBlocks(
  tables: Tables,
  publicIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const blockOfEntry = new Map(publicIds.map((id) => [entryIdOfBlock(id), id]));
  const ids = JSON.stringify([...blockOfEntry.keys()]);
  const rows = await tables.execute(
    sql`SELECT entry_id, seq FROM entry_key
      WHERE entry_id IN (SELECT id::uuid FROM jsonb_array_elements_text(${ids}::text::jsonb) AS t(id))`,
  );
  const found = rows.map((row) => EntryKey.parse(row));
  return new Map(found.flatMap(({ entry_id, seq }) => withBlock(blockOfEntry.get(entry_id), seq)));
}

function withBlock(publicId: string | undefined, sequence: number): [string, number][] {
  return publicId === undefined ? [] : [[publicId, sequence]];
}
