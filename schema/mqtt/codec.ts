import type { z } from "zod";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { IDENTIFIER_PATTERN } from "./identifier.ts";
import { parseStrictJson } from "./json.ts";
import { DENY_BYTES_MAX, MAC_BYTES, MESSAGE_BYTES_MAX, SIGNATURE_BYTES } from "./limits.ts";
import { MESSAGES, type MessageByType, type MessageType } from "./messages/index.ts";

/** Algorithm of each message type: bound to the type and the key, never chosen by a message. */
export const ALGORITHMS: Readonly<Record<MessageType, "EdDSA" | "HS256">> = {
  cmd: "EdDSA",
  evt: "EdDSA",
  ack: "EdDSA",
  tel: "HS256",
  ask: "EdDSA",
  ans: "EdDSA",
  cfg: "EdDSA",
  deny: "EdDSA",
  gone: "HS256",
  permit: "EdDSA",
};

const PROOF_BYTES: Readonly<Record<"EdDSA" | "HS256", number>> = { EdDSA: SIGNATURE_BYTES, HS256: MAC_BYTES };

/** Why bytes are not a message of the expected type, in the order of the checks. */
export type DecodeFault = "TOO_LARGE" | "MALFORMED" | "WRONG_TYPE";

/** A message that is well formed. Nothing is known yet about who signed it: verify `signature` over `signingInput`. */
export interface Decoded<Type extends MessageType> {
  readonly kid: string;
  readonly message: MessageByType[Type];
  /** The ASCII text that was signed: `header.payload`. */
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/** The outcome of {@link decode}. */
export type DecodeResult<Type extends MessageType> =
  { readonly ok: true; readonly decoded: Decoded<Type> } | { readonly ok: false; readonly fault: DecodeFault };

/** The header's exact text: one spelling only, so nothing but the key id can vary. */
export function headerText(type: MessageType, kid: string): string {
  return `{"alg":"${ALGORITHMS[type]}","typ":"portner-${type}+jws","kid":"${kid}"}`;
}

/** Largest size of a message type, in bytes. */
export function bytesMax(type: MessageType): number {
  return type === "deny" ? DENY_BYTES_MAX : MESSAGE_BYTES_MAX;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const schemas: { readonly [Type in MessageType]: z.ZodType<MessageByType[Type]> } = MESSAGES;

/** The text to sign for a message: header and payload in base64url, joined by a dot. */
export function signingInput<Type extends MessageType>(type: Type, kid: string, message: MessageByType[Type]): string {
  const payload = JSON.stringify(message);
  return `${toBase64url(encoder.encode(headerText(type, kid)))}.${toBase64url(encoder.encode(payload))}`;
}

/** The compact form that goes over the wire: `header.payload.signature`. */
export function seal(input: string, signature: Uint8Array): Uint8Array {
  return encoder.encode(`${input}.${toBase64url(signature)}`);
}

function readText(part: string): string | undefined {
  const bytes = fromBase64url(part);
  if (bytes === undefined) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const HEADER = /^\{"alg":"(EdDSA|HS256)","typ":"portner-([a-z]+)\+jws","kid":"([^"\\]{1,40})"\}$/;

/**
 * Reads a message: size, then form, then type, then every field; an unknown, missing or doubled field rejects.
 * Nothing here is cryptographic. Expected type and algorithm come from the caller, never from the message.
 */
export function decode<Type extends MessageType>(type: Type, bytes: Uint8Array): DecodeResult<Type> {
  if (bytes.length > bytesMax(type)) return { ok: false, fault: "TOO_LARGE" };
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { ok: false, fault: "MALFORMED" };
  }
  const [head, body, tail, ...rest] = text.split(".");
  if (head === undefined || body === undefined || tail === undefined || rest.length > 0) {
    return { ok: false, fault: "MALFORMED" };
  }
  const kid = HEADER.exec(readText(head) ?? "");
  const payload = readText(body);
  const signature = fromBase64url(tail);
  if (kid === null || payload === undefined || signature === undefined) return { ok: false, fault: "MALFORMED" };
  if (kid[1] !== ALGORITHMS[type] || kid[2] !== type) return { ok: false, fault: "WRONG_TYPE" };
  // A signature of another length can't be right, and a lock has few verifications a second to spend.
  if (signature.length !== PROOF_BYTES[ALGORITHMS[type]]) return { ok: false, fault: "MALFORMED" };
  const json = parseStrictJson(payload);
  if ("fault" in json || !IDENTIFIER_PATTERN.test(kid[3] ?? "")) return { ok: false, fault: "MALFORMED" };
  const parsed = schemas[type].safeParse(json.value);
  if (!parsed.success) return { ok: false, fault: "MALFORMED" };
  return { ok: true, decoded: { kid: kid[3] ?? "", message: parsed.data, signingInput: `${head}.${body}`, signature } };
}
