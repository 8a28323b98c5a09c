import { importWorld } from "../integrations/index.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { RunningTown } from "./running-town.ts";

/** Ends every membership of an employee, as a new file of the care system does. Throws PortnerError `IMPORT`. */
export async function endMemberships({ world, outside }: RunningTown, employee: string): Promise<void> {
  const memberships = world.memberships.filter((held) => held.employee !== employee);
  const imported = await importWorld(outside, JSON.stringify({ ...world, memberships }));
  if (!imported.ok) throw new PortnerError("IMPORT", JSON.stringify(imported.failure));
}
