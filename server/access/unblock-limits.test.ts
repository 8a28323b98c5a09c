import { afterAll, beforeAll, expect, test } from "vitest";
import { InvariantError } from "../kernel/errors.ts";
import { startAccessHub, type AccessHub } from "../simulation/access-hub.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { fillSmallTown } from "../simulation/rights-database.ts";
import { placeBlock } from "./block.ts";
import { findBlocksOn } from "./store/blocks.ts";
import { liftBlocks, RAISED_CREDENTIALS_MAX } from "./unblock.ts";

/** Credentials of carer 1 in the small town: a phone and a smartkey. */
const OWN = 2;

let db: MigratedDatabase;
let hub: AccessHub;

beforeAll(async () => {
  db = await migratedDatabase();
  await fillSmallTown(db.database);
  await db.database.raw`
    INSERT INTO credential (public_id, tenant, person, form, model, public_key, valid_from)
    SELECT 'more-' || lpad(n::text, 8, '0'), 1, 1, 'phone', 'model', sha256(n::text::bytea), now()
    FROM generate_series(1, ${RAISED_CREDENTIALS_MAX - OWN + 1}::integer) AS n`;
  hub = await startAccessHub(db.url);
});
afterAll(async () => {
  await hub.stop();
  await db.drop();
});

async function generations(): Promise<readonly number[]> {
  const rows = await db.database.raw<{ generation: number }[]>`
    SELECT DISTINCT generation FROM credential WHERE person = 1 ORDER BY generation`;
  return rows.map(({ generation }) => generation);
}

test(`a lift that would raise more than ${RAISED_CREDENTIALS_MAX} credentials is refused whole; at the limit it is done`, async () => {
  const subject = { type: "person" as const, id: 1 };
  const placed = await placeBlock({ tenant: 1, subject, actor: null, reason: null }, hub.deps);
  if (!placed.ok) throw new InvariantError(placed.failure.code);
  const lift = () =>
    liftBlocks({ tenant: 1, blocks: [placed.value.block], actor: null, reason: "found again" }, hub.deps);
  const failure = { code: "TOO_MANY_CREDENTIALS", max: RAISED_CREDENTIALS_MAX };
  expect(await lift()).toEqual({ ok: false, failure });
  const before = await generations();
  expect(before).toHaveLength(1);
  const standing = await findBlocksOn(db.database.tables, 1, subject);
  expect(standing.map(({ lifted }) => lifted)).toEqual([false]);

  await db.database.raw`DELETE FROM credential WHERE public_id = 'more-00000001'`;
  const lifted = await lift();
  expect(lifted.ok && lifted.value.raised.length).toBe(RAISED_CREDENTIALS_MAX);
  expect(await generations()).toEqual(before.map((generation) => generation + 1));
});
