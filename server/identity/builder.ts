import type { Builder, SchemaShape } from "../graphql/builder.ts";
import type { RequestContext } from "../graphql/caller.ts";
import type { Operation } from "./operation.ts";
import type { Principal } from "./principal.ts";

/** The schema builder as every domain gets it. */
export type PortnerBuilder = Builder<Principal, Operation>;

/** The context of every resolver. */
export type PortnerContext = RequestContext<Principal>;

/** A type of the schema whose values are these, as domains hand it on to higher ones. */
export type PortnerRef<Value> = PothosSchemaTypes.ObjectRef<
  PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>,
  Value
>;
