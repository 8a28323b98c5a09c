import { barsOf, isKept, measureRepository, type Bar } from "./bars.ts";

function row(bar: Bar): string {
  const limit = bar.max === undefined ? `≥ ${bar.min ?? 0}` : `≤ ${bar.max}`;
  return `| ${bar.name} | ${limit} | ${Math.round(bar.value * 100) / 100} | ${isKept(bar) ? "kept" : "**broken**"} |`;
}

const files = measureRepository();
const bars = barsOf(files);
console.log(["| Bar | Limit | Measured | |", "|---|---|---|---|", ...bars.map(row)].join("\n"));

const linesByWorkspace = new Map<string, number>();
for (const { file, lines } of files) {
  const workspace = file.includes("/") ? file.slice(0, file.indexOf("/")) : "(root)";
  linesByWorkspace.set(workspace, (linesByWorkspace.get(workspace) ?? 0) + lines);
}
console.log(`\nLines: ${[...linesByWorkspace].map(([name, lines]) => `${name} ${lines}`).join(", ")}.`);

for (const bar of bars.filter((each) => !isKept(each))) console.log(`\n${bar.name}: ${bar.worst.join(", ")}`);
