import { GraphQLError, type ASTVisitor, type ValidationContext } from "graphql";

/** Names told of where a text stands; input of ours is five deep. */
const PATH_NAMES_MAX = 10;

interface Part {
  readonly value: unknown;
  readonly name: string;
  readonly within: Part | undefined;
}

function isFit(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/**
 * Where in some input a text stands that is none: half a character, as a field on a screen leaves it that cuts an emoji,
 * or a NUL. Postgres keeps neither, and would say so in the middle of whatever was being written: a block, say. Goes
 * through each part once, however deep it lies: anybody may send a body full of brackets.
 */
function unfitAt(input: unknown): readonly string[] | undefined {
  const waiting: Part[] = [{ value: input, name: "", within: undefined }];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    const { value } = part;
    if (typeof value === "string" && !isFit(value)) return pathOf(part);
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of Object.entries(value)) waiting.push({ value: inner, name, within: part });
  }
  return undefined;
}

function pathOf(part: Part): readonly string[] {
  const names: string[] = [];
  for (let at: Part | undefined = part; at?.within !== undefined; at = at.within) names.push(at.name);
  return names.toReversed().slice(0, PATH_NAMES_MAX);
}

function unfit(path: readonly string[]): GraphQLError {
  const where = path.length === 0 ? "a text" : `\`${path.join(".")}\``;
  const extensions = { code: "TEXT_UNFIT", path, http: { status: 400 } };
  return new GraphQLError(`${where} holds half a character or a NUL`, { extensions });
}

/** The error for variables that hold such a text; undefined where all are sound. */
export function unfitVariables(variables: unknown): GraphQLError | undefined {
  const path = unfitAt(variables);
  return path === undefined ? undefined : unfit(path);
}

/** Validation rule: refuses such a text within a document. */
export function wellFormedText(context: ValidationContext): ASTVisitor {
  return {
    StringValue: ({ value }) => {
      if (!isFit(value)) context.reportError(unfit([]));
    },
  };
}
