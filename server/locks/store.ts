import {
  door,
  lock,
  lockBoard,
  lockBoot,
  lockUnit,
  path,
  pathDoor,
  quarantinedMessage,
  bundle,
  bundlePath,
  tenant,
  command,
} from "@portner/drizzle";
import { Operation, TelemetryMessage } from "@portner/schema/mqtt";
import { and, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Instant } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import type { StoredUnit } from "./fleet.ts";
import { LockState } from "./lock-state.ts";
import type { KeptMessage } from "./message-quarantine.ts";

/** A unit in service with its lock, as it is stored. */
export interface UnitRow {
  readonly lock: number;
  readonly lockId: string;
  readonly door: number;
  readonly tenant: number;
  readonly tenantId: string;
  readonly serial: string;
  readonly unit: number;
  readonly unitId: string;
  readonly publicKey: Uint8Array;
  readonly quarantinedAt: Date | null;
}

/** Units in service: all, or those of the given locks. */
export async function unitsInService(tables: Tables, locks?: readonly number[]): Promise<readonly UnitRow[]> {
  return tables
    .select({
      lock: lock.id,
      lockId: lock.publicId,
      door: lock.door,
      tenant: lock.tenant,
      tenantId: tenant.publicId,
      serial: lock.serial,
      unit: lockUnit.id,
      unitId: lockUnit.publicId,
      publicKey: lockUnit.publicKey,
      quarantinedAt: lockUnit.quarantinedAt,
    })
    .from(lockUnit)
    .innerJoin(lock, eq(lock.id, lockUnit.lock))
    .innerJoin(tenant, eq(tenant.id, lock.tenant))
    .where(and(isNull(lockUnit.decommissionedAt), locks === undefined ? undefined : inArray(lock.id, [...locks])));
}

/** What was stored of every unit in service: how far its events are committed, and its last known state. */
export async function storedUnits(tables: Tables): Promise<readonly StoredUnit[]> {
  const newest = tables
    .selectDistinctOn([lockBoot.unit], {
      unit: lockBoot.unit,
      boot: lockBoot.boot,
      contiguous: lockBoot.contiguousSequence,
    })
    .from(lockBoot)
    .orderBy(lockBoot.unit, desc(lockBoot.boot))
    .as("newest");
  const rows = await tables
    .select({
      unit: lockUnit.id,
      lock: lockUnit.lock,
      boot: newest.boot,
      contiguous: newest.contiguous,
      state: lockBoard.state,
      sequence: lockBoard.sequence,
      telemetry: lockBoard.telemetry,
      heardAt: lockBoard.heardAt,
    })
    .from(lockUnit)
    .leftJoin(newest, eq(newest.unit, lockUnit.id))
    .leftJoin(lockBoard, eq(lockBoard.unit, lockUnit.id))
    .where(isNull(lockUnit.decommissionedAt));
  return rows.map((row) => ({
    unit: row.unit,
    lock: row.lock,
    boot: row.boot ?? 0,
    contiguous: row.contiguous ?? 0,
    state: LockState.safeParse(row.state).data,
    sequence: row.sequence ?? 0,
    telemetry: TelemetryMessage.safeParse(row.telemetry).data,
    heardAt: row.heardAt?.getTime(),
  }));
}

/**
 * Stores when units were last heard, and their last telemetry; leaves the facts alone. Rows are taken in the order in
 * which the journal takes them, so that the two never wait for each other.
 */
export async function storeHeard(
  tables: Tables,
  heard: readonly { unit: number; telemetry: object | undefined; heardAt: Instant | undefined }[],
): Promise<void> {
  if (heard.length === 0) return;
  const rows = JSON.stringify(heard.map((each) => ({ ...each, telemetry: each.telemetry ?? null })));
  await tables.execute(sql`
    INSERT INTO lock_board (unit, sequence, state, telemetry, heard_at)
    SELECT r.unit, 0, 'null'::jsonb, telemetry, to_timestamp("heardAt" / 1000.0)
    FROM jsonb_to_recordset(${rows}::text::jsonb) AS r(unit integer, telemetry jsonb, "heardAt" double precision)
      JOIN lock_unit ON lock_unit.id = r.unit AND lock_unit.decommissioned_at IS NULL
    ORDER BY r.unit
    ON CONFLICT (unit) DO UPDATE SET telemetry = coalesce(excluded.telemetry, lock_board.telemetry),
      heard_at = greatest(lock_board.heard_at, excluded.heard_at)`);
}

/** Keeps a message that made no sense. */
export async function keepMessage(
  tables: Tables,
  { receivedAt, tenant: owner, lock: from, ...message }: KeptMessage,
): Promise<void> {
  await tables
    .insert(quarantinedMessage)
    .values({ ...message, tenant: owner ?? null, lock: from ?? null, receivedAt: new Date(receivedAt) });
}

/** The newest messages kept of a tenant's locks, newest first. */
export async function keptMessages(tables: Tables, owner: number, limit: number, before?: number) {
  return tables
    .select()
    .from(quarantinedMessage)
    .where(
      and(eq(quarantinedMessage.tenant, owner), before === undefined ? undefined : lt(quarantinedMessage.id, before)),
    )
    .orderBy(desc(quarantinedMessage.id))
    .limit(limit);
}

/** Bundles and paths, by public id, that each of the given locks' doors is part of. */
export async function membershipsOfDoors(tables: Tables, locks: readonly number[]) {
  return tables
    .select({ lock: lock.id, path: path.publicId, bundle: bundle.publicId })
    .from(lock)
    .innerJoin(pathDoor, eq(pathDoor.door, lock.door))
    .innerJoin(path, eq(path.id, pathDoor.path))
    .leftJoin(bundlePath, eq(bundlePath.path, path.id))
    .leftJoin(bundle, eq(bundle.id, bundlePath.bundle))
    .where(inArray(lock.id, [...locks]))
    .orderBy(lock.id, path.publicId, bundle.publicId);
}

/**
 * The versions of units' `cfg` documents, each raised by one where the content's digest is another than stored. Rows are
 * locked in the order of their keys: two hubs publish the same documents at the same moment, each in an order of its own.
 */
export async function configVersions(
  tables: Tables,
  contents: readonly { readonly unit: number; readonly digest: string }[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await tables.execute<{ id: number; config_version: number }>(sql`
    WITH wanted AS (
      SELECT u.id, r.digest FROM lock_unit u
        JOIN jsonb_to_recordset(${JSON.stringify(contents)}::text::jsonb) AS r(unit integer, digest text) ON r.unit = u.id
      WHERE u.decommissioned_at IS NULL
      ORDER BY u.id FOR NO KEY UPDATE OF u
    )
    UPDATE lock_unit SET config_digest = wanted.digest,
      config_version = config_version + CASE WHEN config_digest IS DISTINCT FROM wanted.digest THEN 1 ELSE 0 END
    FROM wanted WHERE lock_unit.id = wanted.id
    RETURNING lock_unit.id, config_version`);
  return new Map(rows.map((row) => [row.id, row.config_version]));
}

/** What the broker must know of every lock in service. */
export async function brokerCredentials(tables: Tables) {
  return tables
    .select({ lockId: lock.publicId, tenantId: tenant.publicId, secretDigest: lockUnit.brokerSecretDigest })
    .from(lockUnit)
    .innerJoin(lock, eq(lock.id, lockUnit.lock))
    .innerJoin(tenant, eq(tenant.id, lock.tenant))
    .where(isNull(lockUnit.decommissionedAt))
    .orderBy(lock.id);
}

/** Commands that nothing was heard of and that can't be obeyed any more. */
export async function overdueCommands(tables: Tables, before: Date, limit: number) {
  return tables
    .select({
      id: command.id,
      tenant: command.tenant,
      lock: command.lock,
      unit: command.unit,
      state: command.state,
      door: door.id,
    })
    .from(command)
    .innerJoin(lock, eq(lock.id, command.lock))
    .innerJoin(door, eq(door.id, lock.door))
    .where(and(eq(command.settled, false), lt(command.expiresAt, before)))
    .orderBy(command.expiresAt)
    .limit(limit);
}

/** What a command asked its lock for; nothing where no such command was ever authorised. */
export async function operationOf(tables: Tables, id: string, unit: number): Promise<Operation | undefined> {
  const mine = and(eq(command.id, id), eq(command.unit, unit));
  const [row] = await tables.select({ op: command.op }).from(command).where(mine);
  return Operation.safeParse(row?.op).data;
}
