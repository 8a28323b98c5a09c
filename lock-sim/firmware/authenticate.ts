import type { KeyObject } from "node:crypto";
import { decode, type MessageByType, type MessageType, type RefusalReason } from "@portner/schema/mqtt";
import type { VerificationBudget } from "./budget.ts";
import { isSignedBy } from "./keys.ts";

/** Bytes as they came in. */
export interface Incoming {
  readonly bytes: Uint8Array;
  readonly retained: boolean;
}

/** What differs between message types in the common part of the checks. */
export interface Rules<Type extends MessageType> {
  readonly type: Type;
  readonly retainable: boolean;
  /** Checks unit and tenant. */
  address(message: MessageByType[Type]): RefusalReason | undefined;
  key(kid: string): KeyObject | undefined;
  /** Verifications to leave for others. */
  readonly reserve: number;
}

/** A message that the hub surely signed, or the first check it failed. */
export type Authentic<Type extends MessageType> =
  { readonly ok: true; readonly message: MessageByType[Type] } | { readonly ok: false; readonly reason: RefusalReason };

/**
 * The first half of a lock's checks, in their order: size → form → retained → type → unit, tenant → key → signature.
 * The rate of verifications is bounded here, because only they cost something.
 */
export function authenticate<Type extends MessageType>(
  incoming: Incoming,
  rules: Rules<Type>,
  budget: VerificationBudget,
): Authentic<Type> {
  const refuse = (reason: RefusalReason): Authentic<Type> => ({ ok: false, reason });
  const read = decode(rules.type, incoming.bytes);
  if (!read.ok && read.fault !== "WRONG_TYPE") return refuse(read.fault);
  if (incoming.retained && !rules.retainable) return refuse("RETAINED");
  if (!read.ok) return refuse(read.fault);
  const { kid, message, signingInput, signature } = read.decoded;
  const misaddressed = rules.address(message);
  if (misaddressed !== undefined) return refuse(misaddressed);
  const key = rules.key(kid);
  if (key === undefined) return refuse("UNKNOWN_KEY");
  if (!budget.take(rules.reserve)) return refuse("FLOODED");
  return isSignedBy(key, signingInput, signature) ? { ok: true, message } : refuse("BAD_SIGNATURE");
}
