const TYPED_HEADER_BYTES = 5;
const UNTYPED_HEADER_BYTES = 4;

/**
 * Splits one direction of a connection to Postgres into messages, whatever pieces the bytes come in, and tells the type of
 * each by its first byte. The first messages of a client have no type; they are told as 0, with their length.
 */
export class WireFrames {
  readonly #onMessage: (type: number, bytes: number) => void;
  #header: number[] = [];
  #skip = 0;

  constructor(onMessage: (type: number, bytes: number) => void) {
    this.#onMessage = onMessage;
  }

  /** Passes over bytes that are no message. */
  skip(bytes: number): void {
    this.#skip += bytes;
  }

  /** Takes in the next bytes. */
  take(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      this.#skip -= skipped;
      at += skipped;
      const byte = chunk[at];
      if (byte === undefined) return;
      at += 1;
      this.#header.push(byte);
      this.#finishHeader();
    }
  }

  #finishHeader(): void {
    const typed = this.#header[0] !== 0;
    if (this.#header.length < (typed ? TYPED_HEADER_BYTES : UNTYPED_HEADER_BYTES)) return;
    const [first = 0, ...rest] = this.#header;
    const lengthBytes = typed ? rest : this.#header;
    // The length counts itself.
    const bytes = lengthBytes.reduce((sum, byte) => sum * 256 + byte, 0);
    this.#header = [];
    this.#skip = bytes - UNTYPED_HEADER_BYTES;
    this.#onMessage(typed ? first : 0, bytes);
  }
}
