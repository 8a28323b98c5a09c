import { createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { toBase64url } from "../base64url.ts";
import { part } from "./fault.ts";
import { KEY_HOLDERS, KEY_IDS, type KeyHolder } from "./keys.ts";

/** A test key's seed: its number, 32 times. */
const seeds = new Map(KEY_HOLDERS.map((holder, at) => [holder, Buffer.alloc(32, at + 1)]));
const telemetrySecret = Buffer.alloc(32, 0x74);
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

function privateKey(holder: KeyHolder): KeyObject {
  const der = Buffer.concat([PKCS8_ED25519, seeds.get(holder) ?? Buffer.alloc(0)]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

/** A holder's public key as it stands in messages. */
export function publicText(holder: KeyHolder): string {
  return String(createPublicKey(privateKey(holder)).export({ format: "jwk" }).x);
}

/** The signature or MAC of a holder over a text. */
export function prove(signer: KeyHolder | "telemetry", text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return signer === "telemetry"
    ? createHmac("sha256", telemetrySecret).update(bytes).digest()
    : sign(null, bytes, privateKey(signer));
}

/** The compact form of a header and a payload, signed by whoever. */
export function compact(
  header: string | Uint8Array,
  payload: string | Uint8Array,
  signer: KeyHolder | "telemetry",
): string {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${toBase64url(prove(signer, input))}`;
}

/** The test keys as a file. */
export function keysFile(tenant: string): object {
  return {
    warning: "TEST KEYS. Everybody knows their private halves. Never trust them outside a test.",
    tenant,
    ed25519: KEY_HOLDERS.map((holder) => {
      const seed = toBase64url(seeds.get(holder) ?? new Uint8Array());
      return { holder, kid: KEY_IDS[holder], seed, publicKey: publicText(holder) };
    }),
    hmacSha256: [{ holder: "telemetry", kid: KEY_IDS.telemetry, secret: toBase64url(telemetrySecret) }],
  };
}
