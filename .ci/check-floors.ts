import { REPOSITORY } from "./command.ts";
import { cruiseTree } from "./cruise.ts";
import { FILE_RULES, FOLDER_RULES } from "./floors.ts";

const comments = new Map([...FILE_RULES, ...FOLDER_RULES].map((rule) => [rule.name, rule.comment]));
const violations = await cruiseTree(REPOSITORY);
for (const { rule, from, to } of violations) {
  console.log(`${rule}: ${from} → ${to}\n  ${comments.get(rule) ?? ""}`);
}
process.exitCode = violations.length === 0 ? 0 : 1;
