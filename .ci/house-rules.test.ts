import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "./command.ts";
import { breachesIn } from "./house-rules.ts";

/** Builds a program with all its types, on a machine that may be busy. */
const PATIENCE_MS = 60_000;

test("each of these is found where it is planted, and what is right is left in peace", { timeout: PATIENCE_MS }, () => {
  const root = mkdtempSync(join(tmpdir(), "portner-house-"));
  mkdirSync(join(root, "server"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  const compilerOptions = { target: "esnext", module: "nodenext", strict: true, types: ["node"] };
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["server"] }));
  const lines = [
    "export let count = 0;",
    "export const limit = 1;",
    "async function send(): Promise<void> { count += 1; }",
    "send();",
    "void send();",
    "await send();",
    "send().catch(() => undefined);",
    "send().finally(() => undefined);",
    "send().catch(() => undefined).finally(() => undefined);",
    "export const now = Date.now();",
    "export const then = new Date(0);",
    "export const today = new Date();",
    "export const chance = Math.random();",
  ];
  writeFileSync(join(root, "server/sample.ts"), lines.join("\n"));
  mkdirSync(join(root, "dashboard/src"), { recursive: true });
  const component = '<p>\n</p>\n<script lang="ts">\n  let own = 1;\n  const now = Date.now();\n</script>\n';
  writeFileSync(join(root, "dashboard/src/Now.svelte"), component);
  writeFileSync(join(root, "server/clock.ts"), "export const start = Date.now();\n");
  try {
    expect(breachesIn(root)).toEqual([
      { rule: "module-state", place: "server/sample.ts:1" },
      { rule: "floating-promise", place: "server/sample.ts:4" },
      { rule: "floating-promise", place: "server/sample.ts:8" },
      { rule: "unasked-time-or-chance", place: "server/sample.ts:10" },
      { rule: "unasked-time-or-chance", place: "server/sample.ts:12" },
      { rule: "unasked-time-or-chance", place: "server/sample.ts:13" },
      { rule: "unasked-time-or-chance", place: "dashboard/src/Now.svelte:5" },
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
