import { isInterfaceType, isObjectType, type GraphQLSchema } from "graphql";

/**
 * Marks a type whose fields need no rule of their own, because the type is only ever reached through a field that has
 * one: payload successes, edges, connections, values. Spread it into a type's options.
 */
export const INHERITS_RULE = { extensions: { portnerRule: "inherits" } } as const;

/**
 * Names (`Type.field`) of the fields without an explicit rule, sorted. A rule is `authScopes` on the field or on its
 * type, or {@link INHERITS_RULE} on the type. Root fields need their own. Interfaces need none: rules stand on the
 * objects behind them, and every object is looked at.
 */
export function fieldsWithoutRule(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const bare: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    const root = roots.includes(type);
    if (!root && (hasScopes(type.extensions) || type.extensions.portnerRule === "inherits")) continue;
    for (const field of Object.values(type.getFields())) {
      if (!hasScopes(field.extensions)) bare.push(`${type.name}.${field.name}`);
    }
  }
  return bare.toSorted();
}

/** Names of the types that claim {@link INHERITS_RULE} and yet are open to `node(id)`, which reaches past any field. */
export function nodesWithInheritedRule(schema: GraphQLSchema): string[] {
  const node = schema.getType("Node");
  if (!isInterfaceType(node)) return [];
  return schema
    .getPossibleTypes(node)
    .filter((type) => type.extensions.portnerRule === "inherits")
    .map((type) => type.name)
    .toSorted();
}

function hasScopes(extensions: Readonly<Record<string, unknown>>): boolean {
  const options = extensions.pothosOptions;
  return typeof options === "object" && options !== null && "authScopes" in options && options.authScopes !== undefined;
}
