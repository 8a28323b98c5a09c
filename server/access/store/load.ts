import { asc, eq, isNull, sql } from "drizzle-orm";
import {
  block,
  blockLift,
  bundlePath,
  credential,
  lock,
  lockUnit,
  membership,
  pathDoor,
  person,
  provider,
  tenant,
} from "@portner/drizzle";
import type { Revision } from "@portner/schema/journal";
import type { Tables } from "../../kernel/database.ts";
import { readHead, sequencesOfBlocks } from "./head.ts";

/** A million grants take seconds to read; a request's limit does not fit this one reading. */
const LOAD_STATEMENT_MS_MAX = 60_000;

/** The tables that decisions come from, row by row, as they stood at one revision. */
export type AccessRows = Awaited<ReturnType<typeof readRows>>;

/** Reads all rows in one snapshot that includes the head, so that the journal can be followed from its revision on. */
export async function loadAccessRows(tables: Tables): Promise<{ rows: AccessRows; revision: Revision }> {
  return await tables.transaction(
    async (snapshot) => {
      // From Postgres 17 on, the whole transaction is limited too.
      await snapshot.execute(sql`
        SELECT set_config('statement_timeout', ${String(LOAD_STATEMENT_MS_MAX)}, true),
          (SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout')`);
      const revision = await readHead(snapshot);
      return { rows: await readRows(snapshot, revision), revision };
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

async function readRows(tables: Tables, revision: Revision) {
  return {
    tenants: await tables
      .select({ id: tenant.id, publicId: tenant.publicId, remoteOpen: tenant.remoteOpen })
      .from(tenant),
    locks: await tables.select({ id: lock.id, tenant: lock.tenant, door: lock.door }).from(lock),
    unitsInService: await tables
      .select({ id: lockUnit.id, lock: lockUnit.lock, quarantinedAt: lockUnit.quarantinedAt })
      .from(lockUnit)
      .where(isNull(lockUnit.decommissionedAt)),
    pathDoors: await tables.select().from(pathDoor).orderBy(asc(pathDoor.path), asc(pathDoor.position)),
    bundlePaths: await tables.select().from(bundlePath),
    credentials: await tables
      .select({
        id: credential.id,
        tenant: credential.tenant,
        person: credential.person,
        form: credential.form,
        generation: credential.generation,
        validFrom: credential.validFrom,
        validUntil: credential.validUntil,
      })
      .from(credential),
    persons: await tables
      .select({
        id: person.id,
        tenant: person.tenant,
        department: person.department,
        provider: person.provider,
        active: person.active,
        visitsOnly: sql<boolean>`${person.profession} = ANY (${tenant.visitOnly})`,
      })
      .from(person)
      .innerJoin(tenant, eq(tenant.id, person.tenant)),
    providers: await tables.select({ id: provider.id, contractEnd: provider.contractEnd }).from(provider),
    memberships: await tables
      .select({
        id: membership.id,
        person: membership.person,
        bundle: membership.bundle,
        validFrom: membership.validFrom,
        validUntil: membership.validUntil,
      })
      .from(membership),
    blocks: await readBlocks(tables, revision),
    lifts: await tables.select({ block: blockLift.block }).from(blockLift),
  };
}

// A block's number in the journal is no column of it: the entry has the id that is derived from the block's own. A block
// without such an entry counts as old as the snapshot, which claims no more than is true: it is in there.
async function readBlocks(tables: Tables, revision: Revision) {
  const blocks = await tables
    .select({
      id: block.id,
      publicId: block.publicId,
      tenant: block.tenant,
      subjectType: block.subjectType,
      subject: block.subject,
      placedAt: block.placedAt,
      denyUntil: block.denyUntil,
    })
    .from(block);
  const sequences = await sequencesOfBlocks(
    tables,
    blocks.map((each) => each.publicId),
  );
  return blocks.map(({ publicId, ...each }) => {
    return { ...each, sequence: sequences.get(publicId) ?? revision.sequence };
  });
}
