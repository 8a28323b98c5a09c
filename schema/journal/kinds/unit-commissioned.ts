import { z } from "zod";
import { PublicKey } from "../../mqtt/identifier.ts";
import { entryKind, Key } from "../kind.ts";

/** A lock unit claimed its place with its one-time claim and its public key. */
export const unitCommissioned = entryKind({
  kind: "unit.commissioned",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ lock: Key, unit: Key, publicKey: PublicKey, model: z.string(), firmware: z.string() }),
});
