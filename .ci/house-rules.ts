import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { scriptOf } from "./svelte-script.ts";

/** A place that breaks a rule of the house. */
export interface Breach {
  readonly rule: "floating-promise" | "module-state" | "unasked-time-or-chance";
  /** File relative to the root, and line. */
  readonly place: string;
}

const TEST = /(\.test\.ts$|^server\/simulation\/|^dashboard\/e2e\/)/;
/** Where a process takes its time and chance from; everything else is handed them. */
const SOURCES_OF_TIME = /(^|\/)(clock|random)\.ts$|^\.ci\/|^[^/]+$/;

/** Reads `tsconfig.json` of `root`, and of the dashboard in it, and tells every breach in their files. */
export function breachesIn(root: string): Breach[] {
  const programs = [root, join(root, "dashboard")].filter((folder) => existsSync(join(folder, "tsconfig.json")));
  return [...programs.flatMap((folder) => breachesInProgram(root, folder)), ...breachesInComponents(root)];
}

function breachesInProgram(root: string, folder: string): Breach[] {
  const { config } = ts.readConfigFile(join(folder, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  const own = program.getSourceFiles().filter((source) => fileNames.includes(source.fileName));
  return own.flatMap((source) => breachesOf(source, source.fileName.slice(root.length).replace(/^\//, ""), checker));
}

// Without types, so promises are not seen; state is a component's own, but for what stands in its module.
function breachesInComponents(root: string): Breach[] {
  return globSync("dashboard/src/**/*.svelte", { cwd: root }).flatMap((file) => {
    const script = scriptOf(readFileSync(join(root, file), "utf8"));
    const source = ts.createSourceFile(file, script, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
    return breachesOf(source, file, undefined).filter(({ rule }) => rule !== "module-state");
  });
}

function breachesOf(source: ts.SourceFile, file: string, checker: ts.TypeChecker | undefined): Breach[] {
  const found: Breach[] = [];
  const report = (rule: Breach["rule"], node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push({ rule, place: `${file}:${line + 1}` });
  };
  const visit = (node: ts.Node): void => {
    if (checker !== undefined && isFloating(node, checker)) report("floating-promise", node);
    if (!TEST.test(file) && isModuleState(node)) report("module-state", node);
    if (!TEST.test(file) && !SOURCES_OF_TIME.test(file) && isTimeOrChance(node)) report("unasked-time-or-chance", node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

// A rejection nobody looks at ends the process; `void` says that the callee catches everything itself.
function isFloating(node: ts.Node, checker: ts.TypeChecker): boolean {
  if (!ts.isExpressionStatement(node)) return false;
  const { expression } = node;
  if (!ts.isCallExpression(expression) && !ts.isNewExpression(expression)) return false;
  if (ts.isCallExpression(expression) && isHandled(expression)) return false;
  const then = checker.getTypeAtLocation(expression).getProperty("then");
  return then !== undefined;
}

function isHandled(call: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(call.expression)) return false;
  const { expression: before, name: last } = call.expression;
  const name = last.text;
  if (name === "finally") return ts.isCallExpression(before) && isHandled(before);
  return (name === "catch" && call.arguments.length > 0) || (name === "then" && call.arguments.length > 1);
}

function isModuleState(node: ts.Node): boolean {
  return (
    ts.isVariableStatement(node) &&
    ts.isSourceFile(node.parent) &&
    (node.declarationList.flags & ts.NodeFlags.Let) !== 0
  );
}

function isTimeOrChance(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) {
    return node.expression.getText() === "Date" && (node.arguments?.length ?? 0) === 0;
  }
  return ts.isCallExpression(node) && /^(Date\.now|Math\.random|performance\.now)$/.test(node.expression.getText());
}
