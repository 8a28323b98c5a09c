import { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import { PortnerError } from "./errors.ts";
import { WireFrames } from "./wire-frames.ts";

/** Messages that Postgres answers with exactly one "ready for query". */
const SYNC = "S".charCodeAt(0);
const SIMPLE_QUERY = "Q".charCodeAt(0);
const READY_FOR_QUERY = "Z".charCodeAt(0);
/** A question about a statement is not followed by a SYNC; a description, the lack of one, or an error answers it. */
const FLUSH = "H".charCodeAt(0);
const DESCRIPTIONS: ReadonlySet<number> = new Set([..."TnE"].map((type) => type.charCodeAt(0)));
/** The length of the question whether the server speaks TLS; its answer is one byte without a frame. */
const TLS_QUESTION_BYTES = 8;
/**
 * Looked at once more after this before a connection is given up: when this process itself stood still, the answer lies
 * ready and has only not been read.
 */
const SECOND_LOOK_MS = 250;

/** A connection serves when it has been let in, and has told the driver its types. */
const READIES_OF_A_START = 2;

/** How long a connection may be silent. */
export interface Patience {
  /** While an answer is owed, without a byte of it. */
  readonly answerMs: number;
  /** Under TLS, where a watcher can't see whether one is owed: without a byte, owed or not. */
  readonly hiddenMs: number;
}

/** Where a connection goes. */
export type Destination = { readonly path: string } | { readonly host: string; readonly port: number };

/** What a connection is watched with. */
export interface SocketOptions {
  readonly clock: Clock;
  readonly patience: Patience;
  /** Whether the driver will ask for TLS on it. */
  readonly hidden: boolean;
  /** Called once, just before the connection is destroyed for its silence; `since` is when it was last heard. */
  readonly onSilent: (socket: DatabaseSocket, since: number) => void;
}

/** Why a connection was given up. */
class SilentConnectionError extends PortnerError {
  constructor() {
    super("CONNECTION_SILENT", "Postgres owed an answer and said nothing");
  }
}

/**
 * A connection to Postgres that does not wait for ever. A network that drops packets closes nothing: without this, what is
 * asked there stays unanswered until the kernel gives up, a quarter of an hour later.
 */
export class DatabaseSocket extends Socket {
  /** The certificate is checked against it. */
  readonly host: string | undefined;
  readonly #options: SocketOptions;
  readonly #outgoing: WireFrames;
  readonly #incoming: WireFrames;
  /** Answers that end with "ready for query", and whether a description is owed besides. */
  #owed = 0;
  #describing = false;
  #heardAt: number;
  #heardBytes = 0;
  #patienceMs: number;
  #looking = false;
  #readies = 0;
  #cancel: () => void = () => undefined;
  #armed = false;

  constructor(destination: Destination, options: SocketOptions) {
    super();
    this.#options = options;
    this.#heardAt = options.clock.monotonic();
    this.#patienceMs = options.hidden ? options.patience.hiddenMs : options.patience.answerMs;
    this.#incoming = new WireFrames((type) => {
      if (type === READY_FOR_QUERY) {
        this.#owed = Math.max(0, this.#owed - 1);
        this.#readies += 1;
      } else if (DESCRIPTIONS.has(type)) this.#describing = false;
    });
    this.#outgoing = new WireFrames((type, bytes) => {
      if (type === SYNC || type === SIMPLE_QUERY) this.#owed += 1;
      else if (type === FLUSH) this.#describing = true;
      else if (type === 0 && bytes === TLS_QUESTION_BYTES) this.#incoming.skip(1);
    });
    if ("path" in destination) this.connect(destination.path);
    else {
      this.host = destination.host;
      this.setNoDelay(true);
      this.connect(destination.port, destination.host);
    }
    if (options.hidden) this.#arm();
  }

  /** When a byte was last heard, in monotonic time. */
  get heardAt(): number {
    this.#listen();
    return this.#heardAt;
  }

  /** Waits at least this long from now on; for statements that set a longer limit of their own. */
  extend(patienceMs: number): void {
    this.#patienceMs = Math.max(this.#patienceMs, patienceMs);
  }

  /** Back to the patience it was made with. */
  relent(): void {
    const { hidden, patience } = this.#options;
    this.#patienceMs = hidden ? patience.hiddenMs : patience.answerMs;
  }

  /** Gives the connection up. */
  giveUp(): void {
    // Under TLS an error would be told as that of a connection being made.
    this.destroy(this.#options.hidden ? undefined : new SilentConnectionError());
  }

  // Not `write`: connecting puts that back to what every socket has.
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sends([chunk]);
    super._write(chunk, encoding, done);
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#sends(chunks.map(({ chunk }) => chunk));
    super._writev?.(chunks, done);
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk instanceof Uint8Array) {
      this.#heardAt = this.#options.clock.monotonic();
      this.#incoming.take(chunk);
    }
    return super.push(chunk, encoding);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cancel();
    // Once it serves, it only closes: the driver then fails whatever was asked on it. At an error it fails what was asked
    // until then, and what it sends between error and close is never answered.
    super._destroy(this.#readies < READIES_OF_A_START ? error : null, done);
  }

  #sends(chunks: readonly unknown[]): void {
    const waited = this.#waits();
    for (const chunk of chunks) if (chunk instanceof Uint8Array) this.#outgoing.take(chunk);
    if (waited || !this.#waits()) return;
    this.#heardAt = this.#options.clock.monotonic();
    this.#arm();
  }

  #waits(): boolean {
    return this.#owed > 0 || this.#describing;
  }

  #listen(): void {
    // TLS takes the bytes from below this stream; their number is all that can be seen from here.
    if (this.bytesRead === this.#heardBytes) return;
    this.#heardBytes = this.bytesRead;
    if (this.#options.hidden) this.#heardAt = this.#options.clock.monotonic();
  }

  #arm(): void {
    if (this.#armed || this.destroyed) return;
    this.#armed = true;
    this.#cancel = this.#options.clock.after(this.#stepMs(), () => {
      this.#armed = false;
      this.#check();
    });
  }

  #stepMs(): number {
    if (this.#looking) return SECOND_LOOK_MS;
    // Under TLS bytes are counted, not seen: the shorter the step, the better is known when they came.
    if (this.#options.hidden) return this.#patienceMs / 4;
    return Math.max(1, this.#patienceMs - (this.#options.clock.monotonic() - this.#heardAt));
  }

  #check(): void {
    const { clock, hidden, onSilent } = this.#options;
    this.#listen();
    const silent = clock.monotonic() - this.#heardAt >= this.#patienceMs;
    if (!hidden && !this.#waits()) this.#looking = false;
    else if (silent && this.#looking) {
      onSilent(this, this.#heardAt);
      this.giveUp();
    } else {
      this.#looking = silent;
      this.#arm();
    }
  }
}
