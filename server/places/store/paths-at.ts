import { citizen, door, path, pathDoor } from "@portner/drizzle";
import { eq, inArray } from "drizzle-orm";
import { union } from "drizzle-orm/pg-core";
import type { Tables } from "../../kernel/database.ts";

/** Keys of the paths that lead to this address or pass a door of it, ascending. */
export async function pathsAtAddress(tables: Tables, address: number): Promise<readonly number[]> {
  const leadHere = tables
    .select({ id: path.id })
    .from(path)
    .innerJoin(citizen, eq(citizen.id, path.citizen))
    .where(eq(citizen.address, address));
  const doorsHere = tables.select({ id: door.id }).from(door).where(eq(door.address, address));
  const passHere = tables.select({ id: pathDoor.path }).from(pathDoor).where(inArray(pathDoor.door, doorsHere));
  const rows = await union(leadHere, passHere);
  return rows.map(({ id }) => id).toSorted((a, b) => a - b);
}
