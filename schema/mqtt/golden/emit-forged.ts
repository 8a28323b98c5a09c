import { createHmac } from "node:crypto";
import { fromBase64url, toBase64url } from "../base64url.ts";
import type { MessageType } from "../messages/index.ts";
import { compact, prove, publicText } from "./emit-keys.ts";
import { part } from "./fault.ts";
import { SIGNERS } from "./keys.ts";

interface ValidVector {
  readonly header: string;
  readonly payload: string;
  readonly compact: string;
}

/** The order of Ed25519's group: a signature plus this many passes a careless verifier. */
const GROUP_ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function malleated(signature: Uint8Array): Uint8Array {
  const scalar = littleEndian(signature.slice(32)) + GROUP_ORDER;
  const bytes = Array.from({ length: 32 }, (_, at) => Number((scalar >> BigInt(8 * at)) & 255n));
  return Uint8Array.from([...signature.slice(0, 32), ...bytes]);
}

/** Messages that are well formed and signed wrongly, made from valid ones. */
export function forgedVectors(validOf: (type: MessageType) => ValidVector): object[] {
  const { header, payload, compact: text } = validOf("cmd");
  const input = text.slice(0, text.lastIndexOf("."));
  const signature = fromBase64url(text.slice(text.lastIndexOf(".") + 1)) ?? new Uint8Array();
  const flipped = Uint8Array.from(signature, (byte, at) => (at === 40 ? byte ^ 1 : byte));
  const event = validOf("evt");
  const telemetry = validOf("tel");
  const forged = (name: string, type: MessageType, why: string, wire: string): object => {
    return { name, type, signer: SIGNERS[type], why, text: wire };
  };
  const withSignature = (bytes: Uint8Array): string => `${input}.${toBase64url(bytes)}`;
  const otherPayload = payload.replace('"gen":3', '"gen":4');
  const macWithPublicKey = createHmac("sha256", Buffer.from(publicText("unit"), "base64url"));
  const telemetryInput = `${part(telemetry.header)}.${part(telemetry.payload)}`;
  return [
    forged("another payload", "cmd", "one number changed", text.replace(part(payload), part(otherPayload))),
    forged("one bit of the signature", "cmd", "one bit changed", withSignature(flipped)),
    forged(
      "a signature plus the group's order",
      "cmd",
      "RFC 8032: S must be below L",
      withSignature(malleated(signature)),
    ),
    forged("a signature of zeros", "cmd", "no signature", withSignature(new Uint8Array(64))),
    forged("the permit key for a command", "cmd", "a key serves one purpose", compact(header, payload, "permit")),
    forged("the root key for a command", "cmd", "a key serves one purpose", compact(header, payload, "root")),
    forged("a foreign key under the right kid", "cmd", "the kid proves nothing", compact(header, payload, "foreign")),
    forged(
      "only the payload signed",
      "cmd",
      "the header is signed too",
      withSignature(prove("command", part(payload))),
    ),
    forged(
      "the decoded text signed",
      "cmd",
      "the base64url text is signed",
      withSignature(prove("command", `${header}.${payload}`)),
    ),
    forged(
      "the hub's key for an event",
      "evt",
      "only the unit speaks for itself",
      compact(event.header, event.payload, "command"),
    ),
    forged(
      "telemetry with the public key as secret",
      "tel",
      "a public key is no secret",
      `${telemetryInput}.${macWithPublicKey.update(telemetryInput).digest("base64url")}`,
    ),
    forged("telemetry of zeros", "tel", "no MAC", `${telemetryInput}.${toBase64url(new Uint8Array(32))}`),
  ];
}
