import type { World } from "@portner/schema/world";
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { createEndSessions } from "../identity/index.ts";
import { importWorld } from "../integrations/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing, SEALING_KEY_BYTES, type Sealing } from "../kernel/sealing.ts";
import { tenantByPublicId } from "../people/index.ts";
import { migratedDatabase, type MigratedDatabase } from "./database.ts";

/** A database with a small Fjordby Kommune in it, as the import leaves it. */
export interface TownDatabase extends MigratedDatabase {
  readonly world: World;
  /** Key of the town's tenant. */
  readonly tenant: number;
  readonly hub: string;
  readonly sealing: Sealing;
  /** User id of an active employee of this profession. */
  employee(profession: World["employees"][number]["profession"]): string;
}

/** A migrated database with a town of so many locks; the same seed gives the same town. */
export async function townDatabase({ seed = 1, locks = 40 } = {}): Promise<TownDatabase> {
  const migrated = await migratedDatabase();
  const world = generateTown({ seed, locks });
  const sealing = createSealing(systemRandom.bytes(SEALING_KEY_BYTES), systemRandom);
  const hub = newId(systemRandom);
  const endSessions = createEndSessions(systemClock);
  const deps = { database: migrated.database, hub, clock: systemClock, random: systemRandom, sealing, endSessions };
  const done = await importWorld(deps, worldText(world));
  const owner = await tenantByPublicId(migrated.database.tables, world.tenant.id);
  if (!done.ok || owner === undefined) throw new PortnerError("TOWN_NOT_IMPORTED", "the town could not be imported");
  const employee: TownDatabase["employee"] = (profession) => {
    const found = world.employees.find((each) => each.active && each.profession === profession);
    if (found === undefined) throw new PortnerError("TOWN_TOO_SMALL", `no active \`${profession}\``);
    return found.externalId;
  };
  return { ...migrated, world, tenant: owner.id, hub, sealing, employee };
}
