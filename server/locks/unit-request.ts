import { createHash } from "node:crypto";
import type { Revision } from "@portner/schema/journal";
import type { Database } from "../kernel/database.ts";
import { derivedId } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { requestStanding } from "./store/units.ts";

/** A person's request about the unit on a door. Whoever calls has authorised it. */
export interface UnitRequest {
  readonly tenant: number;
  readonly lock: number;
  /** Account that asks. */
  readonly actor: number;
  /** One a press; the same again answers the same and does nothing. */
  readonly idempotencyKey: string;
}

/** What an idempotency key looks like. */
export const REQUEST_KEY_PATTERN = /^[A-Za-z0-9_-]{8,64}$/;

/** The same key came with another request before. */
export interface KeyReused {
  readonly code: "KEY_REUSED";
}

/** Public ids of a unit, its lock and its tenant. */
export interface UnitNames {
  readonly unitId: string;
  readonly lockId: string;
  readonly tenantId: string;
}

/** A request that is met: which unit it was about, and where that stands in the journal. */
export interface MetRequest extends UnitNames {
  readonly revision: Revision;
}

/** The identity of a request's entry, and the digest that tells another request under the same key. */
export function identityOf(kind: string, request: UnitRequest, ...body: readonly string[]) {
  const { tenant, lock, actor, idempotencyKey } = request;
  return {
    entryId: derivedId("unit-request", tenant, actor, idempotencyKey),
    content: createHash("sha256")
      .update(JSON.stringify([kind, lock, ...body]))
      .digest("hex"),
  };
}

/** What became of a request before; nothing where it was never met. */
export async function metBefore(
  { database }: { readonly database: Database },
  { entryId, content }: { readonly entryId: string; readonly content: string },
): Promise<Result<MetRequest, KeyReused> | undefined> {
  const stood = await requestStanding(database.tables, entryId);
  if (stood === undefined) return undefined;
  if (stood.content !== content) return fail({ code: "KEY_REUSED" });
  const { unitId, lockId, tenantId, epoch, seq } = stood;
  return ok({ unitId, lockId, tenantId, revision: { epoch, sequence: seq } });
}
