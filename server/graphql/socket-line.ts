import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { SharedAnswer } from "./fan-out/shared-answer.ts";
import type { DirectLine } from "./fan-out/shared-source.ts";

/** Bytes that may wait for a reader: some hundred events, and beyond what a healthy line ever holds back. */
const WAITING_BYTES_MAX = 256 * 1024;

/**
 * Hands answers straight to one subscription's socket. Whole frames go between those that `ws` writes, which it does in
 * one go each since it compresses nothing.
 */
export class SocketLine implements DirectLine {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #id: string;

  constructor(socket: WebSocket, stream: Duplex, id: string) {
    this.#socket = socket;
    this.#stream = stream;
    this.#id = JSON.stringify(id);
  }

  take(answers: readonly SharedAnswer[]): boolean {
    if (this.#stream.writableLength > WAITING_BYTES_MAX) return false;
    // A socket that says goodbye gets nothing more; its subscriptions end by themselves.
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    const frames = answers.map((answer) => answer.socketFrame(this.#id));
    const [only] = frames;
    this.#stream.write(frames.length === 1 && only !== undefined ? only : Buffer.concat(frames));
    return true;
  }
}
