import { newEntry, Recorder } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";

/** Writes that somebody without any right was denied so many times at the first lock, as a hub would. */
export async function denyAgain(database: Database, times: number): Promise<void> {
  const [row] = await database.raw<{ lock: number; tenant: number; person: number }[]>`
    SELECT lock.id AS lock, lock.tenant, (SELECT min(id) FROM person WHERE tenant = lock.tenant) AS person
    FROM lock ORDER BY lock.id LIMIT 1`;
  if (row === undefined) throw new PortnerError("TOWN_TOO_SMALL", "a town without a lock");
  const { lock, tenant, person } = row;
  const recorder = new Recorder({ sql: database.hot, hub: newId(systemRandom), clock: systemClock });
  const denied = () =>
    newEntry("opening.denied", {
      ...{ entryId: newId(systemRandom), occurredAt: systemClock.now(), tenant, lock, person, credential: 1 },
      data: {
        ...{ operation: newId(systemRandom), path: null, locks: [lock], refusedLock: lock },
        ...{ reasons: ["NO_BASIS"], body: "b" },
      },
    });
  await recorder.record({ entries: [denied(), ...Array.from({ length: times - 1 }, denied)] });
}
