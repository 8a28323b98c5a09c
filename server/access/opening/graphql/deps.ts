import type { Tables } from "../../../kernel/database.ts";
import type { LockRegistry } from "../../../locks/index.ts";
import type { OpenDeps } from "../open-door.ts";

/** What opening's fields stand on. */
export interface OpeningGraphqlDeps {
  readonly opening: OpenDeps;
  readonly tables: Tables;
  readonly registry: LockRegistry;
}
