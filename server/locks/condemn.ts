import { append, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { derivedId } from "../kernel/ids.ts";
import type { Standing } from "./flood-watch.ts";
import type { Nonsense } from "./intake.ts";
import type { RegisteredLock } from "./registry.ts";
import { quarantineUnit } from "./store/units.ts";

/** What condemning works with. */
export interface CondemnDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
}

/**
 * Takes a lock out of service because it sent, under its own signature, what a sound lock can't send: a copied board, a
 * rolled-back flash, a stolen key, more than a sound lock has to say. It opens for nobody until a person has looked at it. Done once, by whichever hub.
 */
export async function condemn(
  deps: CondemnDeps,
  lock: RegisteredLock,
  found: { readonly cause: Nonsense | "FLOOD"; readonly at: Standing },
): Promise<void> {
  const { cause, at } = found;
  const now = deps.clock.now();
  await append<undefined, "ALREADY">(deps, async (tables) => {
    if (!(await quarantineUnit(tables, lock.unit, cause, new Date(now)))) return { refused: "ALREADY" };
    const entry = newEntry("lock.quarantined", {
      entryId: derivedId("quarantined", lock.unitId, now),
      occurredAt: now,
      tenant: lock.tenant,
      lock: lock.lock,
      unit: lock.unit,
      door: lock.door,
      data: { lock: lock.lock, unit: lock.unit, cause, boot: at.boot, sequence: at.seq },
    });
    return { entries: [entry], value: undefined };
  });
}
