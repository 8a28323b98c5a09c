import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY, runQuietly, type Outcome } from "./command.ts";

/** Files that a program writes and the repository keeps. */
export interface Emitter {
  /** What is emitted. */
  readonly name: string;
  /** Has to exist for the emitter to count; usually the program itself. */
  readonly script: string;
  readonly command: readonly [string, ...string[]];
  /** Files and folders it writes. */
  readonly paths: readonly string[];
}

/** Every generated file of the repository. */
export const EMITTERS: readonly Emitter[] = [
  {
    name: "GraphQL schema",
    script: "server/boot/emit-sdl.ts",
    command: ["node", "server/boot/emit-sdl.ts"],
    paths: ["schema/graphql/schema.graphql"],
  },
  {
    name: "AsyncAPI of the lock link",
    script: "schema/mqtt/asyncapi/emit.ts",
    command: ["node", "schema/mqtt/asyncapi/emit.ts"],
    paths: ["schema/mqtt/asyncapi.json"],
  },
  {
    name: "golden messages",
    script: "schema/mqtt/golden/emit.ts",
    command: ["node", "schema/mqtt/golden/emit.ts"],
    paths: ["valid", "invalid", "forged", "keys", "proofs"].map((name) => `schema/mqtt/golden/${name}.json`),
  },
  {
    name: "migrations",
    script: "drizzle/drizzle.config.ts",
    command: ["drizzle-kit", "generate", "--config", "drizzle/drizzle.config.ts"],
    paths: ["drizzle/migrations"],
  },
];

/** Emits anew and compares with what was there. A stale file stays in its new state, ready to be committed. */
export async function emitAnew(emitter: Emitter): Promise<Outcome> {
  const before = contentsOf(emitter.paths);
  const [command, ...args] = emitter.command;
  const outcome = await runQuietly(command, args);
  if (!outcome.isOk) return outcome;
  const after = contentsOf(emitter.paths);
  const names = new Set([...before.keys(), ...after.keys()]);
  const stale = [...names].filter((name) => before.get(name) !== after.get(name));
  if (stale.length === 0 && after.size > 0) return outcome;
  const reason = after.size === 0 ? "nothing was emitted" : `emitted anew, to be committed: ${stale.join(", ")}`;
  return { isOk: false, output: `${outcome.output}${reason}\n` };
}

/** Whether the emitter's program is there. */
export function isPresent(emitter: Emitter): boolean {
  return existsSync(join(REPOSITORY, emitter.script));
}

function contentsOf(paths: readonly string[]): Map<string, string> {
  const files = paths.flatMap((path) => filesUnder(path));
  return new Map(files.map((file) => [file, readFileSync(join(REPOSITORY, file), "base64")]));
}

function filesUnder(path: string): string[] {
  const found = statSync(join(REPOSITORY, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(join(REPOSITORY, path)).flatMap((name) => filesUnder(`${path}/${name}`));
}
