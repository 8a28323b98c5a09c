import { complexityFromQuery } from "@pothos/plugin-complexity";
import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { laneOf, type Lane } from "./lane.ts";

/** Prices kept of one operation: one for each page size it was asked with, and then some. */
const PRICES_PER_OPERATION_MAX = 256;

/** What an operation asks for. */
export interface Asked {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What an operation costs. */
export interface Quote {
  /** Its price; absent where its variables are wrong, which executing it will tell. */
  readonly price: number | undefined;
  readonly writes: boolean;
  /** How often it uses which lane. */
  readonly lanes: ReadonlyMap<Lane, number>;
  /** Whether it does nothing but what has a reserved lane. */
  readonly reserved: boolean;
  /** Whether others wait for it, where it is in reserved lanes alone. */
  readonly first: boolean;
}

interface Sketch extends Omit<Quote, "price"> {
  /** The operation alone, with its fragments. */
  readonly alone: DocumentNode;
  /** Variables that say how long a page is; nothing else in the variables moves a price. */
  readonly sizes: readonly string[];
  readonly prices: Map<string, number>;
}

const NOTHING: Quote = { price: undefined, writes: false, lanes: new Map(), reserved: false, first: false };

/** Prices operations. What a document alone decides is found once, for as long as the engine keeps the document. */
export class Quotes {
  readonly #schema: GraphQLSchema;
  readonly #known = new WeakMap<DocumentNode, Map<string, Sketch>>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** The quote for a valid document. */
  of({ document, operationName, variableValues }: Asked): Quote {
    const name = operationName ?? "";
    let sketches = this.#known.get(document);
    if (sketches === undefined) this.#known.set(document, (sketches = new Map()));
    let sketch = sketches.get(name);
    if (sketch === undefined) {
      const operation = operationOf(document, operationName ?? undefined);
      // A name that the document does not have is not kept: there are endless ones.
      if (operation === undefined) return NOTHING;
      sketches.set(name, (sketch = this.#sketch(document, operation)));
    }
    return { ...sketch, price: this.#price(sketch, variableValues ?? {}) };
  }

  #price({ alone, sizes, prices }: Sketch, variables: Readonly<Record<string, unknown>>): number | undefined {
    const key = keyOf(sizes, variables);
    const known = prices.get(key);
    if (known !== undefined) return known;
    try {
      const { complexity } = complexityFromQuery(alone, { schema: this.#schema, variables: { ...variables } });
      if (prices.size >= PRICES_PER_OPERATION_MAX) prices.clear();
      prices.set(key, complexity);
      return complexity;
    } catch (error) {
      if (error instanceof GraphQLError) return undefined;
      throw error;
    }
  }

  #sketch(document: DocumentNode, operation: OperationDefinitionNode): Sketch {
    const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
    const alone: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
    const writes = operation.operation === OperationTypeNode.MUTATION;
    const lanes = new Map<Lane, number>();
    let reserved = writes;
    let first = false;
    for (const field of writes ? rootFields(operation.selectionSet, fragments) : []) {
      const lane = laneOf(this.#schema.getMutationType()?.getFields()[field]?.extensions ?? {});
      if (lane !== undefined) lanes.set(lane, (lanes.get(lane) ?? 0) + 1);
      if (lane?.reserved !== true) reserved = false;
      else if (lane.first) first = true;
    }
    return { alone, sizes: sizesIn(alone), prices: new Map(), writes, lanes, reserved, first };
  }
}

/** What moves a price. For an absent variable the document's default counts, for an explicit null the server's. */
function keyOf(sizes: readonly string[], variables: Readonly<Record<string, unknown>>): string {
  if (sizes.length === 0) return "";
  const given = (size: string): boolean => Object.hasOwn(variables, size) && variables[size] !== undefined;
  return JSON.stringify(sizes.map((size) => (given(size) ? [variables[size]] : [])));
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (name !== undefined) return operations.find((operation) => operation.name?.value === name);
  return operations.length === 1 ? operations[0] : undefined;
}

function rootFields(set: SelectionSetNode, fragments: readonly FragmentDefinitionNode[]): readonly string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return rootFields(selection.selectionSet, fragments);
    const fragment = fragments.find(({ name }) => name.value === selection.name.value);
    return fragment === undefined ? [] : rootFields(fragment.selectionSet, fragments);
  });
}

function sizesIn(document: DocumentNode): readonly string[] {
  const sizes = new Set<string>();
  visit(document, {
    Argument: ({ name, value }) => {
      const isSize = name.value === "first" || name.value === "last";
      if (isSize && value.kind === Kind.VARIABLE) sizes.add(value.name.value);
    },
  });
  return [...sizes];
}
