import { readFile } from "node:fs/promises";
import { z } from "zod";
import { SimulatorError } from "../ground/fault.ts";
import { unframeAll } from "../storage/frame.ts";

/** One line of the world's own record. It is what really happened, whatever the lock says. */
export const WorldRecord = z.discriminatedUnion("t", [
  z
    .strictObject({
      t: z.literal("run"),
      at: z.number(),
      cause: z.string(),
      cmd: z.string().optional(),
      permit: z.string().optional(),
      legs: z.array(z.enum(["withdrawn", "thrown"])),
    })
    .describe("The motor starts. Synced before it moves. `at`: wall time, ms."),
  z
    .strictObject({
      t: z.literal("state"),
      at: z.number(),
      bolt: z.enum(["thrown", "withdrawn", "between"]),
      latch: z.enum(["extended", "retracted"]),
      door: z.enum(["open", "closed"]),
      charge: z.number(),
    })
    .describe("Bolt, latch, door and cells stand like this now."),
]);
/** See {@link WorldRecord}. */
export type WorldRecord = z.infer<typeof WorldRecord>;

/** A motor run as the world saw it. */
export type WitnessedRun = Extract<WorldRecord, { t: "run" }>;

/** Every motor run that a world file witnesses, oldest first; also while a simulator is writing it. */
export async function readWitness(path: string): Promise<readonly WitnessedRun[]> {
  const { records, holed } = unframeAll(await readFile(path));
  if (holed) throw new SimulatorError("LOG_DAMAGED", `\`${path}\` is damaged`);
  return records.map((record) => WorldRecord.parse(record)).filter((record) => record.t === "run");
}
