import { GraphQLError, type ASTVisitor, type ValidationContext } from "graphql";
import { isRecord } from "../kernel/record.ts";

/**
 * Where in some input a text stands that is none: half a character, as a field on a screen leaves it that cuts an emoji,
 * or a NUL. Postgres keeps neither, and would say so in the middle of whatever was being written: a block, say.
 */
function unfitAt(value: unknown, path: readonly string[] = []): readonly string[] | undefined {
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0") ? undefined : path;
  const parts = Array.isArray(value) ? [...value.entries()] : isRecord(value) ? Object.entries(value) : [];
  for (const [name, part] of parts) {
    const found = unfitAt(part, [...path, String(name)]);
    if (found !== undefined) return found;
  }
  return undefined;
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
      if (unfitAt(value) !== undefined) context.reportError(unfit([]));
    },
  };
}
