/**
 * The schema builder. How domains use it:
 *
 * 1. `boot/wire` makes one builder with `createBuilder` and hands it to every domain's `extendX(builder, deps)`, lowest
 *    floor first. A domain's `graphql.ts` exports that one function; it adds types and root fields and returns an object
 *    of the refs it made: `const { AccountRef } = extendIdentity(builder, deps)`. A higher domain takes the refs of lower
 *    ones through its `deps` and adds to them with `builder.objectFields(ref, …)`. Nothing lives at module level.
 * 2. Every root field carries `authScopes`; every object type carries `authScopes`, or its fields do, or it spreads
 *    `INHERITS_RULE`. `{ open: true }` says "for everybody"; `{ signedIn: true }` "for whoever has signed in";
 *    `{ may: "operation" }` asks the permission matrix whether any role could do it (the use case then asks again with
 *    the facts). `fieldsWithoutRule(schema)` finds what has none.
 * 3. A mutation is `t.field({ type: XSuccess, errors: { types: […more] }, … })` of a mutation `x`: that yields
 *    `union XPayload = XSuccess | NotFoundError | ForbiddenError | …`. Resolvers throw the classes of `errors.ts`.
 * 4. Lists a caller pages through are connections; their size comes from `pageSize(args.first)`.
 */
import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import DataloaderPlugin from "@pothos/plugin-dataloader";
import ErrorsPlugin from "@pothos/plugin-errors";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import {
  getNullableType,
  isListType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import type { Revision } from "@portner/schema/journal";
import type { Instant } from "../kernel/clock.ts";
import { JournalUnavailableError } from "../kernel/errors.ts";
import type { Caller, RequestContext } from "./caller.ts";
import {
  COMMON_ERRORS,
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  LockUnreachableError,
  NotFoundError,
  type UserError,
} from "./errors.ts";
import { COST_MAX, FIRST_DEFAULT, LIST_MULTIPLIER } from "./limits.ts";
import { INHERITS_RULE } from "./rules.ts";
import { dateTimeText, globalIdText, parseDateTime, parseGlobalId, readCursor, writeCursor } from "./scalars.ts";

/** The types that the kit gives to Pothos. */
export interface SchemaShape<Principal extends Caller, Operation extends string> {
  Context: RequestContext<Principal>;
  AuthScopes: { open: boolean; signedIn: boolean; may: Operation };
  DefaultAuthStrategy: "all";
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  DefaultFieldNullability: false;
  Interfaces: { UserError: UserError | JournalUnavailableError };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | Instant };
    Cursor: { Input: Revision; Output: Revision };
  };
}

/** The builder that domains extend; fields are non-null unless they say `nullable: true`. */
export type Builder<Principal extends Caller, Operation extends string> = PothosSchemaTypes.SchemaBuilder<
  PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>
>;

/** What pricing looks at. */
interface PricedField {
  readonly name: string;
  readonly args: readonly GraphQLArgument[];
  readonly type: GraphQLOutputType;
}

/** What the kit asks of whoever knows roles. */
export interface BuilderDeps<Principal extends Caller, Operation extends string> {
  /** Whether any role of the principal could do the operation, whatever the facts. */
  may(principal: Principal, operation: Operation): boolean;
}

/** Makes a builder with the scalars, the error types, and the roots Query, Mutation and Subscription. */
export function createBuilder<Principal extends Caller, Operation extends string>(
  deps: BuilderDeps<Principal, Operation>,
): Builder<Principal, Operation> {
  const builder = new SchemaBuilder<SchemaShape<Principal, Operation>>({
    // Errors stand before scope-auth, so that a refusal becomes a member of the payload union.
    plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, DataloaderPlugin, ComplexityPlugin],
    defaultFieldNullability: false,
    errors: {
      defaultTypes: COMMON_ERRORS,
      directResult: true,
      defaultUnionOptions: { name: ({ fieldName }) => `${capital(fieldName)}Payload` },
    },
    scopeAuth: {
      authorizeOnSubscribe: true,
      defaultStrategy: "all",
      authScopes: ({ principal }) => ({
        open: true,
        signedIn: !principal.anonymous,
        may: (operation: Operation) => deps.may(principal, operation),
      }),
      unauthorizedError: (_parent, context) => refusal(context.principal),
    },
    relay: {
      clientMutationId: "omit",
      cursorType: "String",
      encodeGlobalID: (typename, id) => globalIdText(typename, String(id)),
      decodeGlobalID: parseGlobalId,
      nodeQueryOptions: {
        authScopes: { signedIn: true },
        // What an id names may be anything; Pothos' own finding about a type that is no node has no code.
        resolve: (_root, { id }, _context, { schema }, find) => (isNode(schema, id.typename) ? find(id) : null),
      },
      nodesQueryOptions: false,
      pageInfoTypeOptions: INHERITS_RULE,
      defaultConnectionTypeOptions: INHERITS_RULE,
      defaultEdgeTypeOptions: INHERITS_RULE,
      edgesFieldOptions: { nullable: { list: false, items: false } },
    },
    complexity: {
      defaultComplexity: 1,
      defaultListMultiplier: LIST_MULTIPLIER,
      // A price that was told already, when it was charged, is not worked out again.
      limit: ({ price = Number.POSITIVE_INFINITY }) => (price <= COST_MAX ? {} : { complexity: COST_MAX }),
      fieldComplexity: (args, _context, field) => ({ field: 1, multiplier: multiplierOf(args, field) }),
      complexityError: (_kind, { complexity }) =>
        new InvalidInputError(`the operation costs ${complexity}; at most ${COST_MAX}`, [], "TOO_COSTLY"),
    },
  });
  addScalars(builder);
  addErrors(builder);
  builder.queryType({});
  builder.mutationType({});
  builder.subscriptionType({});
  return builder;
}

function addScalars<Principal extends Caller, Operation extends string>(builder: Builder<Principal, Operation>): void {
  builder.scalarType("DateTime", {
    description: "An instant in ISO 8601. Answers are in UTC; input carries an offset.",
    serialize: (value) => dateTimeText(value),
    parseValue: parseDateTime,
  });
  builder.scalarType("Cursor", {
    description: "A place in the journal, opaque. Pass back what an earlier answer gave.",
    serialize: (value) => writeCursor(value),
    parseValue: readCursor,
  });
}

function addErrors<Principal extends Caller, Operation extends string>(builder: Builder<Principal, Operation>): void {
  builder.interfaceType("UserError", {
    description: "A failure that a caller can act on. `code` is stable, `message` is for people.",
    fields: (t) => ({
      code: t.exposeString("code"),
      message: t.exposeString("message"),
      path: t.stringList({ resolve: (error) => ("inputPath" in error ? [...error.inputPath] : []) }),
    }),
  });
  const options = { interfaces: ["UserError" as const], ...INHERITS_RULE };
  builder.objectType(NotFoundError, { name: "NotFoundError", ...options });
  builder.objectType(ForbiddenError, { name: "ForbiddenError", ...options });
  builder.objectType(InvalidInputError, { name: "InvalidInputError", ...options });
  builder.objectType(ConflictError, { name: "ConflictError", ...options });
  builder.objectType(LockUnreachableError, { name: "LockUnreachableError", ...options });
  builder.objectType(JournalUnavailableError, { name: "UnavailableError", ...options });
}

function isNode(schema: GraphQLSchema, name: string): boolean {
  const type = schema.getType(name);
  return isObjectType(type) && type.getInterfaces().some((each) => each.name === "Node");
}

/** A connection costs its page; a plain list is guessed; `edges` and `nodes` are paid for by their connection. */
function multiplierOf(args: Record<string, unknown>, field: PricedField): number {
  if (field.args.some(({ name }) => name === "first" || name === "last")) {
    const size = args.first ?? args.last;
    return typeof size === "number" ? Math.max(1, size) : FIRST_DEFAULT;
  }
  const list = isListType(getNullableType(field.type));
  return list && field.name !== "edges" && field.name !== "nodes" ? LIST_MULTIPLIER : 1;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function refusal(caller: Caller): ForbiddenError {
  return caller.anonymous ? new ForbiddenError("UNAUTHENTICATED", "sign in first") : new ForbiddenError();
}
