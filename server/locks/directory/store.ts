import {
  address,
  bundle,
  bundlePath,
  department,
  district,
  door,
  lock,
  lockUnit,
  path,
  pathDoor,
} from "@portner/drizzle";
import { and, eq, isNull } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";

/** Where every lock sits, as stored; those of the unit in service where there is one. */
export async function placedLocks(tables: Tables) {
  return tables
    .select({
      lock: lock.id,
      lockId: lock.publicId,
      tenant: lock.tenant,
      serial: lock.serial,
      model: lock.model,
      unitModel: lockUnit.model,
      unitFirmware: lockUnit.firmware,
      door: door.id,
      doorExternalId: door.externalId,
      doorKind: door.kind,
      address,
      district: district.id,
      districtId: district.publicId,
    })
    .from(lock)
    .innerJoin(door, eq(door.id, lock.door))
    .innerJoin(address, eq(address.id, door.address))
    .leftJoin(district, eq(district.id, address.district))
    .leftJoin(lockUnit, and(eq(lockUnit.lock, lock.id), isNull(lockUnit.decommissionedAt)));
}

/** Departments with the district they work in; null for those that serve the whole municipality. */
export async function placedDepartments(tables: Tables) {
  return tables
    .select({
      department: department.id,
      tenant: department.tenant,
      district: department.district,
    })
    .from(department)
    .orderBy(department.id);
}

/** Which bundles open a path through which lock's door. */
export async function bundlesOfLocks(tables: Tables) {
  return tables
    .selectDistinct({ lock: lock.id, bundle: bundle.id, bundleId: bundle.publicId })
    .from(lock)
    .innerJoin(pathDoor, eq(pathDoor.door, lock.door))
    .innerJoin(bundlePath, eq(bundlePath.path, pathDoor.path))
    .innerJoin(bundle, eq(bundle.id, bundlePath.bundle));
}

/** Which citizens' paths pass which lock's door. */
export async function citizensOfLocks(tables: Tables) {
  return tables
    .selectDistinct({ lock: lock.id, citizen: path.citizen })
    .from(lock)
    .innerJoin(pathDoor, eq(pathDoor.door, lock.door))
    .innerJoin(path, eq(path.id, pathDoor.path));
}
