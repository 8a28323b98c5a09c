import { toBase64url } from "../base64url.ts";
import type { DecodeFault } from "../codec.ts";
import type { MessageType } from "../messages/index.ts";

/** A message that must be refused before any cryptography, however rightly it is signed. */
export type Fault = {
  readonly name: string;
  readonly type: MessageType;
  readonly fault: DecodeFault;
  /** What a careless reader would get wrong. */
  readonly why: string;
} & (
  | { readonly header: string | Uint8Array; readonly payload: string | Uint8Array }
  | { readonly wire: (valid: string) => string | Uint8Array }
);

const encoder = new TextEncoder();

/** Part of a compact text from its content. */
export function part(content: string | Uint8Array): string {
  return toBase64url(typeof content === "string" ? encoder.encode(content) : content);
}

/** What faults are made from. */
export interface FaultSources {
  /** The valid payload of a type's first example. */
  readonly payload: (type: MessageType) => string;
  /** The key id that signs a type. */
  readonly kid: (type: MessageType) => string;
}

/** Thrown where the golden vectors can't be made or read from what is there. */
export class GoldenError extends Error {
  override readonly name = "GoldenError";
}

/** Replaces what must be there, once. */
export function swap(text: string, before: string, after: string): string {
  if (!text.includes(before)) throw new GoldenError(`the example has no \`${before}\``);
  return text.replace(before, after);
}
