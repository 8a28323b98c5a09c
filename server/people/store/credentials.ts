import { credential, enrolmentCode, person } from "@portner/drizzle";
import { and, eq, gt, inArray, isNull } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";
import { InvariantError } from "../../kernel/errors.ts";

/** A phone, tablet or smartkey of a person, as stored. */
export type CredentialRow = typeof credential.$inferSelect;

/** A one-time code with what decides about it. */
export interface FoundCode {
  readonly id: number;
  readonly tenant: number;
  readonly person: number;
  readonly personActive: boolean;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

/** Stores a code by its digest; codes of the same person that were still good are good no more. */
export async function insertCode(
  tables: Tables,
  code: { tenant: number; person: number; digest: Uint8Array; issuedAt: Date; expiresAt: Date },
): Promise<void> {
  await tables
    .update(enrolmentCode)
    .set({ expiresAt: code.issuedAt })
    .where(
      and(
        eq(enrolmentCode.person, code.person),
        isNull(enrolmentCode.usedAt),
        gt(enrolmentCode.expiresAt, code.issuedAt),
      ),
    );
  await tables.insert(enrolmentCode).values(code);
}

/** Finds a code and holds its row until the transaction ends, so that two phones can't both use it. */
export async function holdCode(tables: Tables, digest: Uint8Array): Promise<FoundCode | undefined> {
  const [row] = await tables
    .select({
      id: enrolmentCode.id,
      tenant: enrolmentCode.tenant,
      person: enrolmentCode.person,
      personActive: person.active,
      expiresAt: enrolmentCode.expiresAt,
      usedAt: enrolmentCode.usedAt,
    })
    .from(enrolmentCode)
    .innerJoin(person, eq(person.id, enrolmentCode.person))
    .where(eq(enrolmentCode.digest, digest))
    .for("update", { of: enrolmentCode });
  return row;
}

/** A credential that is about to exist. */
export type NewCredential = Omit<typeof credential.$inferInsert, "id" | "generation" | "createdAt">;

/** Stores a credential of generation 1; `undefined` when another credential has this public key. */
export async function insertCredential(tables: Tables, values: NewCredential): Promise<CredentialRow | undefined> {
  const [row] = await tables
    .insert(credential)
    .values({ ...values, generation: 1 })
    .onConflictDoNothing({ target: credential.publicKey })
    .returning();
  return row;
}

/** Marks a code as used up by a credential. */
export async function spendCode(
  tables: Tables,
  { id, credential: made, at }: { readonly id: number; readonly credential: number; readonly at: number },
): Promise<void> {
  const used = await tables
    .update(enrolmentCode)
    .set({ usedAt: new Date(at), credential: made })
    .where(and(eq(enrolmentCode.id, id), isNull(enrolmentCode.usedAt)))
    .returning({ id: enrolmentCode.id });
  if (used.length !== 1) throw new InvariantError("a held code was used by somebody else");
}

/** Credentials by key. */
export async function credentialsByIds(tables: Tables, ids: readonly number[]): Promise<readonly CredentialRow[]> {
  return tables
    .select()
    .from(credential)
    .where(inArray(credential.id, [...ids]));
}

/** Every credential of these persons, oldest first. */
export async function credentialsOfPersons(
  tables: Tables,
  persons: readonly number[],
): Promise<readonly CredentialRow[]> {
  return tables
    .select()
    .from(credential)
    .where(inArray(credential.person, [...persons]))
    .orderBy(credential.id);
}

/** The credential with this public id. */
export async function credentialByPublicId(tables: Tables, publicId: string): Promise<CredentialRow | undefined> {
  const [row] = await tables.select().from(credential).where(eq(credential.publicId, publicId));
  return row;
}
