import { createEndSessions, Passwords } from "../identity/index.ts";
import { preparePartitions, readAfter } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import { createHubClock, type HubClock } from "../kernel/hub-clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import { allTenants, type EndSessions, type TenantRow } from "../people/index.ts";
import { explained } from "./database-failure.ts";

/** What a command works with: use cases on the database, beside the hubs that run on it and follow its journal. */
export interface Operator {
  readonly database: Database;
  /** This process's id, for the entries that it writes. */
  readonly hub: string;
  readonly clock: HubClock;
  readonly random: Random;
  readonly passwords: Passwords;
  readonly endSessions: EndSessions;
}

/**
 * Works on a migrated database and closes the connections again. Throws DATABASE_AWAY when it can't be reached and
 * NOT_MIGRATED when its tables are missing.
 */
export async function asOperator<Value>(
  databaseUrl: string,
  work: (operator: Operator) => Promise<Value>,
): Promise<Value> {
  const database = openDatabase(databaseUrl);
  const clock = createHubClock(systemClock);
  try {
    // No hub may have run on this database yet, and entries need a partition to go to.
    await preparePartitions(database.raw);
    await takeTime(database, clock);
    return await work({
      database,
      hub: newId(systemRandom),
      clock,
      random: systemRandom,
      passwords: new Passwords(),
      endSessions: createEndSessions(clock),
    });
  } catch (error) {
    throw explained(error);
  } finally {
    await database.close();
  }
}

async function takeTime(database: Database, clock: HubClock): Promise<void> {
  // The first answer of a new connection is slow; the second tells the time.
  for (let reading = 0; reading < 2; reading += 1) {
    const asked = clock.monotonic();
    const { databaseTime } = await readAfter(database.raw, 0, 0);
    clock.takeReading(databaseTime, asked, clock.monotonic());
  }
}

/** The tenant with this public id, or the only one. Throws when it is not clear which. */
export async function tenantFor({ database }: Operator, publicId: string | undefined): Promise<TenantRow> {
  const tenants = await allTenants(database.tables);
  const [first, ...others] = publicId === undefined ? tenants : tenants.filter((each) => each.publicId === publicId);
  if (first !== undefined && others.length === 0) return first;
  if (tenants.length === 0) throw new PortnerError("NO_TENANT", "there is no tenant yet; run `portner init`");
  const known = tenants.map((each) => `\`${each.publicId}\``).join(", ");
  throw new PortnerError("TENANT_UNKNOWN", `say which tenant with --tenant; there are ${known}`);
}
