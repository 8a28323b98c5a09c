import { newEntry, Recorder } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import type { RunningTown } from "./running-town.ts";

/** Entries on their way to Postgres at once: what one batch of a recorder takes. */
const AT_ONCE = 512;

/**
 * Has doors of the whole town open and close, as a further hub would record what their locks say: through a recorder of
 * its own, without locks. For tests of readers that missed more than simulated motors do in a minute.
 */
export async function recordDoorBurst({ db, world }: RunningTown, count: number): Promise<void> {
  const recorder = new Recorder({ sql: db.database.hot, hub: newId(systemRandom), clock: systemClock });
  const locks = await db.database.raw<{ id: number; tenant: number }[]>`
    SELECT lock.id, lock.tenant FROM lock JOIN tenant ON tenant.id = lock.tenant
    WHERE tenant.public_id = ${world.tenant.id} ORDER BY lock.id`;
  for (let done = 0; done < count; done += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - done);
    const recorded = Array.from({ length: size }, (_, n) => {
      const { id: lock, tenant } = locks[(done + n) % locks.length] ?? { id: 0, tenant: 0 };
      const said = { boot: 1_000_000, sequence: done + n + 1, clockTrusted: true, clockErrorMs: 0 };
      const subject = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant, lock };
      const door = n % 2 === 0 ? ("open" as const) : ("closed" as const);
      return recorder.record({ entries: [newEntry("lock.door", { ...subject, data: { ...said, door } })] });
    });
    for (const { outcome } of await Promise.all(recorded)) {
      if (outcome !== "recorded") throw new PortnerError("NOT_RECORDED", `a door event was \`${outcome}\``);
    }
  }
}
