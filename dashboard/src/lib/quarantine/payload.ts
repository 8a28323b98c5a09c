/** What a message looks like: its beginning as text, if it is text at all. */
export interface PayloadView {
  readonly text: string;
  /** Bytes that are shown; the message may be longer. */
  readonly shownBytes: number;
}

/**
 * The beginning of a message, for reading: printable characters as they are, every other byte as `\x..`, so that nothing
 * in it can pretend to be something else on the screen. Input that isn't base64 shows nothing.
 */
export function payloadView(base64: string): PayloadView {
  const bytes = bytesOf(base64);
  const text = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? printable(byte) : escaped(byte))).join("");
  return { text, shownBytes: bytes.length };
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

function printable(byte: number): string {
  // The sign of an escape is escaped itself, else a message could spell out bytes that it doesn't have.
  return byte === 0x5c ? "\\\\" : String.fromCharCode(byte);
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
