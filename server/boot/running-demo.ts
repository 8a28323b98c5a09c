import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writePrivate } from "./private-file.ts";

const RunningDemo = z.strictObject({
  DATABASE_URL: z.string(),
  MQTT_URL: z.string(),
  MQTT_SECRET: z.string(),
  BROKER_FOLDER: z.string(),
  PORTNER_KEY: z.string(),
});
/** The parts of a demo that runs, as settings. A secret. */
export type RunningDemo = z.infer<typeof RunningDemo>;

const FILE = "running.json";

/** Lets other commands on this machine find the demo's parts. Gives back what ends that. */
export async function announceDemo(home: string, parts: RunningDemo): Promise<() => Promise<void>> {
  await writePrivate(join(home, FILE), JSON.stringify(parts));
  return () => rm(join(home, FILE), { force: true });
}

/** The parts of the demo in this folder; nothing when it does not run or ended without saying so long ago. */
export async function readRunningDemo(home: string): Promise<RunningDemo | undefined> {
  const text = await readIfThere(join(home, FILE));
  return text === undefined ? undefined : RunningDemo.safeParse(JSON.parse(text)).data;
}
