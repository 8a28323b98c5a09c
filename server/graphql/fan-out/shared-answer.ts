import type { ExecutionResult } from "graphql";

/** First byte of a WebSocket frame that holds a whole text message. */
const WHOLE_TEXT = 0x81;
/** Longest payload whose length stands in the frame's second byte; the next two take the longer ones. */
const SHORT_MAX = 125;
const MEDIUM_MAX = 0xffff;

interface Frame {
  readonly bytes: Buffer;
  /** Where the subscription's id stands in it. */
  readonly idAt: number;
}

/** One answer for many subscribers: executed once, put into words once, framed once for ids of the same length. */
export class SharedAnswer {
  /** The answer; holds no errors, for those are told to each on their own. */
  readonly result: ExecutionResult;
  readonly #frames = new Map<number, Frame>();
  #text: string | undefined;

  constructor(result: ExecutionResult) {
    this.result = result;
  }

  /** As JSON. */
  get text(): string {
    this.#text ??= JSON.stringify(this.result);
    return this.#text;
  }

  /**
   * The WebSocket frame of graphql-transport-ws' `next` message, in a buffer of its own. `id` is the subscription's id as
   * JSON, quotes included: the one thing in which two subscribers' frames differ. As text, for a small buffer held for
   * each subscriber would hold the whole pool that it was cut from.
   */
  socketFrame(id: string): Buffer {
    const { bytes, idAt } = this.#frameFor(id);
    const own = Buffer.from(bytes);
    own.write(id, idAt);
    return own;
  }

  #frameFor(id: string): Frame {
    const length = Buffer.byteLength(id);
    const known = this.#frames.get(length);
    if (known !== undefined) return known;
    const before = '{"id":';
    const payload = Buffer.from(`${before}${id},"type":"next","payload":${this.text}}`);
    const head = headOf(payload.length);
    const frame = { bytes: Buffer.concat([head, payload]), idAt: head.length + before.length };
    this.#frames.set(length, frame);
    return frame;
  }
}

/** The head of a server's frame; a server masks nothing. */
function headOf(length: number): Buffer {
  if (length <= SHORT_MAX) return Buffer.from([WHOLE_TEXT, length]);
  if (length <= MEDIUM_MAX) return Buffer.from([WHOLE_TEXT, SHORT_MAX + 1, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = WHOLE_TEXT;
  head[1] = SHORT_MAX + 2;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
