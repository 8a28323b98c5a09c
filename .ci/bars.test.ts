import { expect, test } from "vitest";
import { barsOf, isKept, measureRepository } from "./bars.ts";
import { measureFile } from "./measure.ts";

const FILES = measureRepository();

test.each(barsOf(FILES).map((bar) => [bar.name, bar] as const))("the bar is kept: %s", (_name, bar) => {
  expect(isKept(bar), `measured ${bar.value}; see ${bar.worst.join(", ")}`).toBe(true);
});

test("the measure finds what it counts", () => {
  const measured = measureFile(
    "server/kernel/sample.ts",
    `import { a as b } from "./a.ts";
/** Documented. */
export const documented = [1] as const;
export function bare(value: unknown): string {
  // ${"oxlint"}-disable-next-line
  const list: any = value as string[];
  if (!list) throw new Error("x");
  return list[0]! + b;
}
`,
  );
  expect(measured).toMatchObject({
    lines: 9,
    functionLines: [6],
    anyCount: 1,
    assertionCount: 1,
    nonNullCount: 1,
    bareErrorCount: 1,
    suppressionCount: 1,
    exportCount: 2,
    documentedCount: 1,
  });
});

test.each([
  ["server/locks/utils.ts", 1],
  ["server/common/lock.ts", 1],
  ["server/locks/lock-manager.ts", 1],
  ["server/locks/commons.ts", 0],
])("a file named %s counts as %i forbidden name", (file, count) => {
  const bar = barsOf([measureFile(file, "")]).find(({ name }) => name === "forbidden file names");
  expect(bar?.value).toBe(count);
});

test("of a component the script is measured, at the length of the whole file", () => {
  const text = `<script lang="ts">\n  const list: any = [];\n</script>\n<!-- svelte-ignore a11y -->\n<p>{list}</p>\n`;
  expect(measureFile("dashboard/src/List.svelte", text)).toMatchObject({ lines: 5, anyCount: 1, suppressionCount: 1 });
});
