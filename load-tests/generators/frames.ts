/** Opcodes of WebSocket frames that are met here. */
export const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const;

/** A frame of a server. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Where the next frame begins. */
  readonly end: number;
}

/** The frame that begins at `from`; nothing while it is not whole. */
export function frameAt(bytes: Buffer, from: number): Frame | undefined {
  if (bytes.length < from + 2) return undefined;
  const short = bytes.readUInt8(from + 1) & 0x7f;
  const extra = short === 127 ? 8 : short === 126 ? 2 : 0;
  const start = from + 2 + extra;
  if (bytes.length < start) return undefined;
  const length =
    extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(from + 2) : Number(bytes.readBigUInt64BE(from + 2));
  if (bytes.length < start + length) return undefined;
  return { opcode: bytes.readUInt8(from) & 0x0f, payload: bytes.subarray(start, start + length), end: start + length };
}

/** A client's frame, masked with zeros. */
export function clientFrame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length <= 125 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]);
}

/** A server's frame with a whole text, unmasked. */
export function serverFrame(payload: Buffer): Buffer {
  const length = payload.length <= 125 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | OPCODE.text, ...length]), payload]);
}
