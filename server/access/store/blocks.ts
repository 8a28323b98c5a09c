import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { block, blockLift, bundle, credential, department, person, provider } from "@portner/drizzle";
import type { BlockSubject } from "@portner/schema/access";
import type { Instant } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";

/** A block before it has a key. */
export interface NewBlock {
  readonly publicId: string;
  readonly tenant: number;
  readonly subject: BlockSubject;
  readonly placedAt: Instant;
  readonly placedBy: number | null;
  readonly denyUntil: Instant;
}

/** A block as its row tells it. */
export interface StoredBlock {
  readonly id: number;
  readonly publicId: string;
  readonly tenant: number;
  readonly subject: BlockSubject;
  readonly placedAt: Instant;
  readonly denyUntil: Instant;
  readonly lifted: boolean;
}

/** Inserts a block and answers its key. */
export async function insertBlock(tables: Tables, { subject, ...fresh }: NewBlock): Promise<number | undefined> {
  const placed = { placedAt: new Date(fresh.placedAt), denyUntil: new Date(fresh.denyUntil) };
  const row = { ...fresh, ...placed, subjectType: subject.type, subject: subject.id };
  const [inserted] = await tables.insert(block).values(row).returning({ id: block.id });
  return inserted?.id;
}

/** Blocks of a tenant by public id; ids of others are simply not found. */
export async function findBlocks(tables: Tables, tenant: number, publicIds: readonly string[]): Promise<StoredBlock[]> {
  const rows = await tables
    .select({ block, lift: blockLift.block })
    .from(block)
    .leftJoin(blockLift, eq(blockLift.block, block.id))
    .where(and(eq(block.tenant, tenant), inArray(block.publicId, [...publicIds])))
    .orderBy(asc(block.id));
  return rows.map(storedBlock);
}

/** Every block on a subject, lifted or not, oldest first. */
export async function findBlocksOn(tables: Tables, tenant: number, subject: BlockSubject): Promise<StoredBlock[]> {
  const here = [eq(block.tenant, tenant), eq(block.subjectType, subject.type), eq(block.subject, subject.id)];
  const rows = await tables
    .select({ block, lift: blockLift.block })
    .from(block)
    .leftJoin(blockLift, eq(blockLift.block, block.id))
    .where(and(...here))
    .orderBy(asc(block.id));
  return rows.map(storedBlock);
}

function storedBlock(row: { block: typeof block.$inferSelect; lift: number | null }): StoredBlock {
  const { id, publicId, tenant, subjectType, subject, placedAt, denyUntil } = row.block;
  const times = { placedAt: placedAt.getTime(), denyUntil: denyUntil.getTime() };
  return { id, publicId, tenant, subject: { type: subjectType, id: subject }, ...times, lifted: row.lift !== null };
}

/** Lifts blocks; answers the keys of those that nobody had lifted before. */
export async function insertLifts(
  tables: Tables,
  lifts: { readonly blocks: readonly number[]; readonly at: Instant; readonly by: number | null },
): Promise<number[]> {
  const rows = lifts.blocks.map((id) => ({ block: id, liftedAt: new Date(lifts.at), liftedBy: lifts.by }));
  const inserted = await tables.insert(blockLift).values(rows).onConflictDoNothing().returning({ id: blockLift.block });
  return inserted.map((row) => row.id);
}

/** Form of each credential. */
export type CredentialForm = (typeof credential.$inferSelect)["form"];

/** What a block on a subject reaches; absent where the tenant has no such subject. */
export interface SubjectReach {
  /** Of a credential: what it is. */
  readonly form?: CredentialForm;
  /** Persons who may no longer enter; empty for a credential and a bundle. */
  readonly persons: readonly number[];
  /** The credential itself; empty for every other subject. */
  readonly credentials: readonly number[];
}

/** Looks a subject up within its tenant. */
export async function findSubject(
  tables: Tables,
  tenant: number,
  subject: BlockSubject,
): Promise<SubjectReach | undefined> {
  switch (subject.type) {
    case "credential": {
      const mine = and(eq(credential.id, subject.id), eq(credential.tenant, tenant));
      const [found] = await tables.select({ form: credential.form }).from(credential).where(mine);
      return found && { form: found.form, persons: [], credentials: [subject.id] };
    }
    case "person": {
      const mine = and(eq(person.id, subject.id), eq(person.tenant, tenant));
      const [found] = await tables.select({ id: person.id }).from(person).where(mine);
      return found && { persons: [found.id], credentials: [] };
    }
    case "department":
    case "provider": {
      const [organisation, column] =
        subject.type === "department" ? [department, person.department] : [provider, person.provider];
      const mine = and(eq(organisation.id, subject.id), eq(organisation.tenant, tenant));
      const [found] = await tables.select({ id: organisation.id }).from(organisation).where(mine);
      if (found === undefined) return undefined;
      const staff = await tables.select({ id: person.id }).from(person).where(eq(column, subject.id));
      return { persons: staff.map((each) => each.id), credentials: [] };
    }
    case "bundle": {
      const mine = and(eq(bundle.id, subject.id), eq(bundle.tenant, tenant));
      const [found] = await tables.select({ id: bundle.id }).from(bundle).where(mine);
      return found && { persons: [], credentials: [] };
    }
  }
}

/** A credential and the generation it has now. */
export interface Raised {
  readonly credential: number;
  readonly generation: number;
}

/** Raises the generation of every credential under a subject by one; none are under a bundle. */
export async function raiseGenerations(tables: Tables, subject: BlockSubject): Promise<Raised[]> {
  const under = credentialsUnder(tables, subject);
  if (under === undefined) return [];
  // Locked in one order, so that two lifts at once wait for each other instead of failing each other.
  const locked = await tables
    .select({ id: credential.id })
    .from(credential)
    .where(under)
    .orderBy(asc(credential.id))
    .for("update");
  if (locked.length === 0) return [];
  const raised = await tables
    .update(credential)
    .set({ generation: sql`${credential.generation} + 1` })
    .where(
      inArray(
        credential.id,
        locked.map((each) => each.id),
      ),
    )
    .returning({ credential: credential.id, generation: credential.generation });
  return raised.toSorted((a, b) => a.credential - b.credential);
}

function credentialsUnder(tables: Tables, { type, id }: BlockSubject) {
  switch (type) {
    case "credential":
      return eq(credential.id, id);
    case "person":
      return eq(credential.person, id);
    case "department":
    case "provider": {
      const column = type === "department" ? person.department : person.provider;
      return inArray(credential.person, tables.select({ id: person.id }).from(person).where(eq(column, id)));
    }
    case "bundle":
      return undefined;
  }
}
