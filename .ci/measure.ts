import ts from "typescript";
import { isComponent, scriptOf } from "./svelte-script.ts";

/** What one source file contributes to the bars. */
export interface FileMeasure {
  readonly file: string;
  readonly isTest: boolean;
  readonly lines: number;
  readonly functionLines: readonly number[];
  readonly anyCount: number;
  readonly assertionCount: number;
  readonly nonNullCount: number;
  readonly bareErrorCount: number;
  readonly suppressionCount: number;
  readonly exportCount: number;
  readonly documentedCount: number;
}

const SUPPRESSION =
  /(\/\/|\/\*)\s*((oxlint|eslint)-disable|@ts-(ignore|expect-error|nocheck)|prettier-ignore)|<!--\s*(svelte-ignore|prettier-ignore)/g;

/** Counts one file. `text` is its source; nothing is resolved, so a half-written neighbour does no harm. */
export function measureFile(file: string, text: string): FileMeasure {
  const code = isComponent(file) ? scriptOf(text) : text;
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS);
  const nodes = nodesOf(source);
  const count = (test: (node: ts.Node) => boolean): number => nodes.filter(test).length;
  const exports = source.statements.flatMap((statement) => exportedDeclarations(statement));
  return {
    file,
    isTest: file.endsWith(".test.ts"),
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    functionLines: nodes.filter(isFunctionWithBody).map((node) => linesOf(source, node)),
    anyCount: count((node) => node.kind === ts.SyntaxKind.AnyKeyword),
    assertionCount: count(isAssertion),
    nonNullCount: count((node) => ts.isNonNullExpression(node)),
    bareErrorCount: count(isBareError),
    suppressionCount: text.match(SUPPRESSION)?.length ?? 0,
    exportCount: exports.length,
    documentedCount: exports.filter(isDocumented).length,
  };
}

function nodesOf(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

function isFunctionWithBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.getEnd()) - lineAt(node.getStart(source)) + 1;
}

// `as const` narrows and never lies; renaming an import is no assertion at all.
function isAssertion(node: ts.Node): boolean {
  if (ts.isTypeAssertionExpression(node)) return true;
  return ts.isAsExpression(node) && !ts.isConstTypeReference(node.type);
}

function isBareError(node: ts.Node): boolean {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return false;
  return ts.isIdentifier(node.expression) && /^(Error|TypeError|RangeError|AggregateError)$/.test(node.expression.text);
}

function exportedDeclarations(statement: ts.Statement): ts.Node[] {
  if (!ts.canHaveModifiers(statement)) return [];
  const isExported = ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
  return isExported === true ? [statement] : [];
}

function isDocumented(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).length > 0;
}
