import type { SchemaShape } from "../../graphql/builder.ts";
import type { Operation, Principal } from "../../identity/index.ts";
import type { AddressRow, DoorRow } from "../../places/index.ts";
import type { LockView } from "../lock-view.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaShape<Principal, Operation>>;

/** A type of the schema whose values are `Value`. */
export type Ref<Value> = PothosSchemaTypes.ObjectRef<Types, Value>;

/** The type `Lock`, to which higher domains add. */
export type LockRef = Ref<LockView>;

/** Types of lower domains that a lock points to. */
export interface LowerRefs {
  readonly DoorRef: Ref<DoorRow>;
  readonly AddressRef: Ref<AddressRow>;
}
