import { WORLD_VERSION, type World } from "@portner/schema/world";
import { buildings } from "./buildings.ts";
import { Dice } from "./dice.ts";
import { organisation } from "./organisation.ts";
import { staff } from "./staff.ts";

/** Locks of the demo: what the national trial had (R72). */
export const TOWN_LOCKS_DEFAULT = 1_200;

/** Most locks of one invented town: the streets' names and numbers suffice for so many. */
export const TOWN_LOCKS_MAX = 50_000;

/** Employees for 1,200 locks. */
const EMPLOYEES_PER_1200_LOCKS = 250;

/**
 * Fjordby Kommune, invented from a seed: the same seed and size give the same world. Its claims come from the seed too,
 * so they are no secrets: a demo's only.
 */
export function generateTown({ seed, locks }: { readonly seed: number; readonly locks: number }): World {
  const dice = new Dice(seed);
  const { housingCompanies, ...head } = organisation(dice);
  const { employees, memberships } = staff(dice, Math.round((locks / 1_200) * EMPLOYEES_PER_1200_LOCKS));
  const homes = buildings(dice, locks);
  return { version: WORLD_VERSION, ...head, employees, memberships, housingCompanies, ...homes };
}

/** A world file's text: one entry a line, so that a fault's line is the entry's. */
export function worldText(world: World): string {
  const fields = Object.entries(world).map(([name, value]) => {
    const text = Array.isArray(value)
      ? `[\n${value.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n")}\n  ]`
      : JSON.stringify(value);
    return `  ${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}
