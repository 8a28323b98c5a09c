import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A motor's start as the world around a simulated lock witnessed it, by the command's raw id. */
const RUN = /\{"t":"run","at":(?<at>\d+),"cause":"[^"]*","cmd":"(?<command>[^"]+)"/g;

/** When each command's motor started, in wall time; of every lock that the simulator keeps here. */
export async function motorStarts(locksFolder: string): Promise<ReadonlyMap<string, number>> {
  const serials = await readdir(locksFolder, { withFileTypes: true });
  const folders = serials
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(locksFolder, name, "world.log"));
  const texts = await Promise.all(folders.map((path) => readFile(path, "utf8").catch(() => "")));
  const runs = texts.flatMap((text) => [...text.matchAll(RUN)]);
  return new Map(runs.map(({ groups }) => [groups?.["command"] ?? "", Number(groups?.["at"])]));
}
