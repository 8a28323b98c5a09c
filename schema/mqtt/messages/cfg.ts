import { z } from "zod";
import { Identifier, Instant, MessageVersion, PublicKey } from "../identifier.ts";
import { CONFIG_BUNDLES_MAX, CONFIG_KEYS_MAX, CONFIG_PATHS_MAX } from "../limits.ts";

/** A key a lock trusts for one purpose. The algorithm is Ed25519, bound to the key and never read from a message. */
export const TrustedKey = z.strictObject({
  kid: Identifier,
  purpose: z.enum(["command", "permit"]).describe("command: cmd, ack, ans, deny. permit: smartkey permits."),
  key: PublicKey,
});
/** See {@link TrustedKey}. */
export type TrustedKey = z.infer<typeof TrustedKey>;

/** `cfg`: hub → lock, QoS 1, retained, signed by the tenant's root key. A lock never takes a version below the one it holds. */
export const ConfigMessage = z.strictObject({
  v: MessageVersion,
  tenant: Identifier,
  lock: Identifier,
  unit: Identifier,
  version: z.int().min(1).describe("Rises with every change; the same version with other content is refused."),
  iat: Instant,
  bundles: z.array(Identifier).max(CONFIG_BUNDLES_MAX).describe("Bundles this door belongs to, for permits."),
  paths: z.array(Identifier).max(CONFIG_PATHS_MAX).describe("Paths this door is part of, for permits."),
  keys: z.array(TrustedKey).min(1).max(CONFIG_KEYS_MAX),
  messageVersions: z.array(z.int().min(1).max(255)).min(1).max(4).describe("Message versions hubs speak now."),
  heartbeatMs: z.int().min(1_000).max(3_600_000),
  jitterMs: z
    .int()
    .min(0)
    .max(60_000)
    .describe("Random pause at most, before a lock reports after a broadcast or a reconnect."),
  relockAfterCloseMs: z.int().min(1_000).max(600_000),
  relockUnusedMs: z.int().min(1_000).max(600_000),
});
/** See {@link ConfigMessage}. */
export type ConfigMessage = z.infer<typeof ConfigMessage>;
