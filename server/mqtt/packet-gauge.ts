import type { Socket } from "node:net";

/** A remaining length has at most four bytes of seven bits each (MQTT 3.1.1, §2.2.3). */
const LENGTH_BYTES_MAX = 4;

/**
 * Follows the framing of a stream of MQTT packets and says, chunk by chunk, whether every packet begun so far declares
 * at most `packetBytesMax` bytes after its fixed header. Once false, the stream is to be cut.
 */
export function packetGauge(packetBytesMax: number): (chunk: Uint8Array) => boolean {
  let bodyLeft = 0;
  let lengthBytes = -1;
  let length = 0;

  /** Takes one byte of a fixed header; false when the declared length can't be accepted. */
  function header(byte: number): boolean {
    if (lengthBytes < 0) {
      lengthBytes = 0;
      length = 0;
      return true;
    }
    length += (byte & 0x7f) * 128 ** lengthBytes;
    lengthBytes += 1;
    if (byte >= 0x80) return lengthBytes < LENGTH_BYTES_MAX;
    bodyLeft = length;
    lengthBytes = -1;
    return length <= packetBytesMax;
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (bodyLeft > 0) {
        const skipped = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= skipped;
        at += skipped;
      } else {
        if (!header(chunk[at] ?? 0)) return false;
        at += 1;
      }
    }
    return true;
  };
}

/**
 * Cuts a socket whose peer announces a packet beyond the limit, before the bytes reach a parser that would collect up
 * to 256 MiB of them, known user or not. The broker library pulls with `read`, so that is where we look.
 */
export function limitPackets(socket: Socket, packetBytesMax: number): void {
  const accept = packetGauge(packetBytesMax);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || accept(chunk)) return chunk;
    socket.destroy();
    return null;
  };
}
