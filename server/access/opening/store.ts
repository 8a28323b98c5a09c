import { command, operation } from "@portner/drizzle";
import { and, desc, eq, gt, inArray, lt, notExists, sql } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";

/** An operation as it is stored. */
export type OperationRow = typeof operation.$inferSelect;
/** A command as it is stored. */
export type CommandRow = typeof command.$inferSelect;

/** An operation with its commands, street inwards. */
export interface StoredOperation {
  readonly operation: OperationRow;
  readonly commands: readonly CommandRow[];
}

/** The operation with this id. */
export async function operationById(tables: Tables, id: string): Promise<StoredOperation | undefined> {
  const [row] = await tables.select().from(operation).where(eq(operation.id, id));
  if (row === undefined) return undefined;
  const commands = await tables.select().from(command).where(eq(command.operation, id)).orderBy(command.position);
  return { operation: row, commands };
}

/** Operations that nobody follows any more: long begun, not ended, and no command of theirs is open. */
export async function forgottenOperations(tables: Tables, before: Date, limit: number): Promise<StoredOperation[]> {
  const open = tables
    .select({ one: sql`1` })
    .from(command)
    .where(and(eq(command.operation, operation.id), eq(command.settled, false)));
  const rows = await tables
    .select()
    .from(operation)
    .where(and(eq(operation.outcome, "running"), lt(operation.createdAt, before), notExists(open)))
    .limit(limit);
  return withCommands(tables, rows);
}

/** The operation that a command belongs to. */
export async function operationOfCommand(tables: Tables, id: string): Promise<StoredOperation | undefined> {
  const [row] = await tables.select({ operation: command.operation }).from(command).where(eq(command.id, id));
  return row === undefined ? undefined : operationById(tables, row.operation);
}

/** Operations begun since then that ended in part, the newest first. */
export async function partialOperations(tables: Tables, since: Date, limit: number): Promise<StoredOperation[]> {
  const rows = await tables
    .select()
    .from(operation)
    .where(and(eq(operation.outcome, "partial"), gt(operation.createdAt, since)))
    .orderBy(desc(operation.createdAt))
    .limit(limit);
  return withCommands(tables, rows);
}

async function withCommands(tables: Tables, rows: readonly OperationRow[]): Promise<StoredOperation[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const commands = await tables.select().from(command).where(inArray(command.operation, ids)).orderBy(command.position);
  return rows.map((row) => ({ operation: row, commands: commands.filter((each) => each.operation === row.id) }));
}

/** The reasons of a denied operation. */
export async function denialOf(tables: Tables, id: string): Promise<unknown> {
  const rows = await tables.execute<{ reasons: unknown }>(sql`
    SELECT data -> 'reasons' AS reasons FROM journal
    WHERE seq = (SELECT sequence FROM operation WHERE id = ${id}) AND kind = 'opening.denied'`);
  return rows[0]?.reasons;
}
