import { z } from "zod";
import { SimulatorError } from "../ground/fault.ts";
import { Behaviour } from "./behaviour.ts";

/** Behaviours by serial number; `*` for every lock. */
export const BehaviourPlan = z.record(z.string().min(1), z.array(Behaviour));
/** See {@link BehaviourPlan}. */
export type BehaviourPlan = z.infer<typeof BehaviourPlan>;

/**
 * Reads a plan: JSON of {@link BehaviourPlan}, or short forms for every lock, `jam;drift:ppm=200;lossyLink:drop=0.2`.
 * Throws `BAD_BEHAVIOURS`.
 */
export function readBehaviourPlan(text: string): BehaviourPlan {
  try {
    if (text.trimStart().startsWith("{")) return BehaviourPlan.parse(JSON.parse(text));
    return { "*": text.split(";").map(readShortForm) };
  } catch (cause) {
    throw new SimulatorError("BAD_BEHAVIOURS", `not behaviours: \`${text.slice(0, 200)}\``, { cause });
  }
}

function readShortForm(text: string): Behaviour {
  const [kind, settings = ""] = text.trim().split(":");
  const pairs = settings.split(",").filter((pair) => pair !== "");
  return Behaviour.parse({
    kind,
    ...Object.fromEntries(
      pairs.map((pair) => {
        const [name = "", value = ""] = pair.split("=");
        return [name.trim(), Number(value)];
      }),
    ),
  });
}

/** The behaviours of one lock. */
export function behavioursFor(plan: BehaviourPlan, serial: string): readonly Behaviour[] {
  return [...(plan["*"] ?? []), ...(plan[serial] ?? [])];
}
