import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { RequestLimits } from "./limits.ts";

/** What an operation asks for, fragments expanded. */
interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  readonly fields: number;
  readonly rootFields: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, directives: 0, fields: 0, rootFields: 0 };

/**
 * The limits that a document breaks, as errors with `extensions { code: "LIMIT_EXCEEDED" limit max }`. Looked at before
 * validation, whose own cost grows with the square of what is selected. Each fragment is measured once, and a circle of
 * fragments counts as nothing here: validation names it.
 */
export function limitsBroken(document: DocumentNode, limits: RequestLimits): GraphQLError[] {
  const measured = new Measuring(document);
  const errors: GraphQLError[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const found = measured.operation(definition);
    for (const limit of ["depth", "aliases", "directives", "fields", "rootFields"] as const) {
      if (found[limit] > limits[limit]) errors.push(broken(limit, limits[limit], found[limit]));
    }
  }
  return errors;
}

/** The error for a limit. */
export function broken(limit: string, max: number, found?: number): GraphQLError {
  const message = `the request has ${found ?? "too many"} ${limit}; at most ${max}`;
  return new GraphQLError(message, { extensions: { code: "LIMIT_EXCEEDED", limit, max } });
}

class Measuring {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #known = new Map<string, Measure>();
  readonly #open = new Set<string>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  operation(definition: OperationDefinitionNode): Measure {
    const inside = this.#selections(definition.selectionSet);
    return { ...inside, directives: inside.directives + (definition.directives?.length ?? 0) };
  }

  #selections(set: SelectionSetNode): Measure {
    let sum = NOTHING;
    for (const selection of set.selections) {
      const own = selection.directives?.length ?? 0;
      let inside: Measure;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet === undefined ? NOTHING : this.#selections(selection.selectionSet);
        inside = {
          depth: below.depth + 1,
          aliases: below.aliases + (selection.alias === undefined ? 0 : 1),
          directives: below.directives,
          fields: below.fields + 1,
          rootFields: 1,
        };
      } else if (selection.kind === Kind.INLINE_FRAGMENT) inside = this.#selections(selection.selectionSet);
      else inside = this.#fragment(selection.name.value);
      sum = add(sum, inside, own);
    }
    return sum;
  }

  #fragment(name: string): Measure {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined || this.#open.has(name)) return NOTHING;
    this.#open.add(name);
    const inside = this.#selections(fragment.selectionSet);
    const found = { ...inside, directives: inside.directives + (fragment.directives?.length ?? 0) };
    this.#open.delete(name);
    this.#known.set(name, found);
    return found;
  }
}

function add(sum: Measure, inside: Measure, directives: number): Measure {
  return {
    depth: Math.max(sum.depth, inside.depth),
    aliases: sum.aliases + inside.aliases,
    directives: sum.directives + inside.directives + directives,
    fields: sum.fields + inside.fields,
    rootFields: sum.rootFields + inside.rootFields,
  };
}
