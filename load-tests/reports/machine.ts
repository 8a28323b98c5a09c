import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const Lock = z.object({ packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })) });
const TOLD = ["graphql", "graphql-yoga", "graphql-ws", "ws", "mqtt", "aedes", "postgres"];

/** What a run was measured on. */
export function machine(): Readonly<Record<string, string | number>> {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    "memory in GiB": Math.round(totalmem() / 2 ** 30),
    Linux: release(),
  };
}

/** Versions of what a run is about. */
export function versions(): Readonly<Record<string, string>> {
  const { packages } = Lock.parse(JSON.parse(readFileSync(`${ROOT}package-lock.json`, "utf8")));
  const told = TOLD.map((name) => [name, packages[`node_modules/${name}`]?.version ?? "absent"] as const);
  return { Node: process.versions.node, ...Object.fromEntries(told) };
}
