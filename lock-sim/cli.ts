import { Command } from "commander";
import { addCarersCommand } from "./carers/command.ts";
import { addRunCommand } from "./run/command.ts";
import { addTownCommand } from "./town/command.ts";

const program = new Command("lock-sim").description("simulated locks, their town and the carers who open them");
addRunCommand(program);
addTownCommand(program);
addCarersCommand(program);
try {
  await program.parseAsync();
} catch (cause) {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "UNEXPECTED";
  process.stderr.write(`${JSON.stringify({ event: "failed", code, reason: String(cause) })}\n`);
  process.exit(1);
}
