import { join } from "node:path";
import ts from "typescript";

/** A place that breaks a rule of the house. */
export interface Breach {
  readonly rule: "floating-promise" | "module-state" | "unasked-time-or-chance";
  /** File relative to the root, and line. */
  readonly place: string;
}

const TEST = /(\.test\.ts$|^server\/simulation\/)/;
/** Where a process takes its time and chance from; everything else is handed them. */
const SOURCES_OF_TIME = /(^|\/)(clock|random)\.ts$|^\.ci\/|^[^/]+$/;

/** Reads `tsconfig.json` of `root` and tells every breach in its files. */
export function breachesIn(root: string): Breach[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  const own = program.getSourceFiles().filter((source) => fileNames.includes(source.fileName));
  return own.flatMap((source) => breachesOf(source, source.fileName.slice(root.length).replace(/^\//, ""), checker));
}

function breachesOf(source: ts.SourceFile, file: string, checker: ts.TypeChecker): Breach[] {
  const found: Breach[] = [];
  const report = (rule: Breach["rule"], node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push({ rule, place: `${file}:${line + 1}` });
  };
  const visit = (node: ts.Node): void => {
    if (isFloating(node, checker)) report("floating-promise", node);
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
