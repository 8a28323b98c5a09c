import type { World } from "@portner/schema/world";
import { SimulatorError } from "../ground/fault.ts";
import type { Phone } from "./phone.ts";
import type { Carer, Told } from "./rounds.ts";

/** Phones that are made ready at once: enough for a quick start, far below what a hub throttles. */
const ENROL_AT_ONCE = 4;

/** An employee who may carry a phone. */
export interface Holder {
  readonly employee: string;
  readonly night: boolean;
}

/** So many employees who open doors by their work, spread evenly over the list and so over the departments. */
export function chooseHolders(world: World, count: number): readonly Holder[] {
  const kinds = new Map(world.departments.map(({ externalId, kind }) => [externalId, kind]));
  const able = world.employees.filter(({ active, roles }) => active && (roles === undefined || roles.includes("E")));
  const chosen = Math.min(count, able.length);
  return Array.from({ length: chosen }, (_, at) => able[Math.floor((at * able.length) / chosen)]).flatMap((employee) =>
    employee === undefined
      ? []
      : [{ employee: employee.externalId, night: kinds.get(employee.department ?? "") === "night" }],
  );
}

/** Makes every phone ready; those that the hub refuses are told and left out; throws NO_CARERS when none is left. */
export async function enrolAll(
  holders: readonly Holder[],
  makePhone: (employee: string) => Phone,
  deps: { readonly tell: Told; readonly signal: AbortSignal },
): Promise<readonly Carer[]> {
  const waiting = [...holders];
  const carers: Carer[] = [];
  const worker = async (): Promise<void> => {
    for (let holder = waiting.shift(); holder !== undefined && !deps.signal.aborted; holder = waiting.shift()) {
      const { employee, night } = holder;
      const phone = makePhone(employee);
      const ready = await phone.ready();
      // With a hub that is only away, the carer goes on the round and signs in there.
      if (ready.ok || ready.failure.isAway) carers.push({ phone, night });
      deps.tell({ event: ready.ok ? ready.value : "notSignedIn", employee, ...(ready.ok ? {} : ready.failure) });
    }
  };
  await Promise.all(Array.from({ length: ENROL_AT_ONCE }, worker));
  if (carers.length === 0) throw new SimulatorError("NO_CARERS", "the hub refused every phone");
  return carers;
}
