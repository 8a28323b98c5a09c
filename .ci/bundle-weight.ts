import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { z } from "zod";

const Manifest = z.record(
  z.string(),
  z.looseObject({ file: z.string(), imports: z.array(z.string()).optional(), name: z.string().optional() }),
);
const NODES = ".svelte-kit/generated/build/client-optimized/nodes";
/** What every page loads: kit's start, and the table of routes. */
const ENTRIES = new Set(["entry/start", "entry/app", "client-entry"]);

/**
 * Bytes of gzipped JavaScript that a page loads before it works: kit, its layouts and the page, with everything that they
 * import. `sources` are the page's and its layouts' files under `src/routes`, without their endings.
 */
export function pageBytes(dashboard: string, sources: readonly string[]): number {
  const output = join(dashboard, ".svelte-kit/output/client");
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(output, ".vite/manifest.json"), "utf8")));
  const nodes = nodesOf(dashboard, sources);
  const roots = Object.keys(manifest).filter((key) => nodes.has(key) || ENTRIES.has(manifest[key]?.name ?? ""));
  const files = new Set<string>();
  const visit = (key: string): void => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const root of roots) visit(root);
  const scripts = [...files].filter((file) => file.endsWith(".js"));
  return scripts.reduce((sum, file) => sum + gzipSync(readFileSync(join(output, file))).length, 0);
}

// Kit numbers its nodes; each generated file says which source it is of.
function nodesOf(dashboard: string, sources: readonly string[]): ReadonlySet<string> {
  const files = globSync(`${NODES}/*.js`, { cwd: dashboard });
  const isWanted = (file: string): boolean => {
    const text = readFileSync(join(dashboard, file), "utf8");
    return sources.some((source) => text.includes(`src/routes/${source}.`));
  };
  return new Set(files.filter(isWanted));
}
