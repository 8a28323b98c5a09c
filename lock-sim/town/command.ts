import { InvalidArgumentError, type Command } from "commander";
import { generateTown, TOWN_LOCKS_DEFAULT, TOWN_LOCKS_MAX, worldText } from "./generate.ts";

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
  };
}

/** Adds `town`: prints the world file of Fjordby Kommune. */
export function addTownCommand(program: Command): void {
  program
    .command("town")
    .description("print the world file of Fjordby Kommune: invented people, streets, doors and locks")
    .requiredOption("--seed <number>", "the same seed gives the same town", wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option("--locks <number>", "how many locks", wholeNumber(1, TOWN_LOCKS_MAX), TOWN_LOCKS_DEFAULT)
    .action((options: { readonly seed: number; readonly locks: number }) => {
      process.stdout.write(worldText(generateTown(options)));
    });
}
