import { open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { SimulatorError } from "../ground/fault.ts";
import { frame, unframeAll } from "./frame.ts";

/** A log is rewritten when it is larger than this and than twice what the last rewrite left, in bytes. */
const REWRITE_BYTES_MIN = 262_144;
/** Records in one line of a rewritten log: keeps a line small enough to read in one piece. */
const REWRITE_RECORDS_PER_LINE = 64;

interface Batch {
  readonly records: unknown[];
  readonly done: PromiseWithResolvers<void>;
}

/**
 * An append-only file of checksummed lines. What is appended while one write is being synced goes out together in the
 * next, as one line: so after a loss of power exactly the last line can be broken, nobody was told that it was safe,
 * and it is cut. A broken line with whole ones behind it is damage, not a torn tail, and refuses to open.
 */
export class LogFile {
  readonly #path: string;
  #snapshot: (() => readonly unknown[]) | undefined;
  #handle: FileHandle;
  #bytes: number;
  #rewriteAt = REWRITE_BYTES_MIN;
  #batch: Batch | undefined;
  #writer: Promise<void> | undefined;
  #failure: SimulatorError | undefined;
  /** Bytes of a torn tail that were cut when the file was opened. */
  readonly cutBytes: number;

  private constructor(path: string, opened: { handle: FileHandle; bytes: number; cutBytes: number }) {
    this.#path = path;
    this.#handle = opened.handle;
    this.#bytes = opened.bytes;
    this.cutBytes = opened.cutBytes;
  }

  /**
   * Opens or makes the file, cuts a torn tail and hands every record to `replay`, oldest first.
   * Throws `LOG_DAMAGED` for anything worse.
   */
  static async open(path: string, replay: (record: unknown) => void): Promise<LogFile> {
    await rm(draftOf(path), { force: true });
    const handle = await open(path, "a+");
    const bytes = await readFile(handle);
    const { records, goodBytes, holed } = unframeAll(bytes);
    if (holed) {
      await handle.close();
      throw new SimulatorError("LOG_DAMAGED", `\`${path}\` is damaged at byte ${goodBytes}`);
    }
    if (goodBytes < bytes.length) await handle.truncate(goodBytes);
    await handle.datasync();
    await syncFolder(path);
    for (const record of records) replay(record);
    return new LogFile(path, { handle, bytes: goodBytes, cutBytes: bytes.length - goodBytes });
  }

  /**
   * Lets the log be rewritten when it has grown: `snapshot` gives all of the present state as records, everything
   * appended so far included, and is called synchronously. Without it the log only ever grows.
   */
  rewriteFrom(snapshot: () => readonly unknown[]): void {
    this.#snapshot = snapshot;
  }

  /** Resolves once the record is safe on disk, in the order of the calls. Rejects with `LOG_FAILED`. */
  append(record: unknown): Promise<void> {
    const { promise } = this.#queue(record).done;
    this.#writer ??= this.#write();
    return promise;
  }

  /** Appends without hurry: safe no later than the next {@link append}; for what a loss of power may undo. */
  note(record: unknown): void {
    this.#queue(record);
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    while (this.#writer !== undefined) await this.#writer;
  }

  /** Writes what is noted and closes the file. Later appends reject. */
  async close(): Promise<void> {
    if (this.#batch !== undefined) this.#writer ??= this.#write();
    await this.settled();
    this.#failure ??= new SimulatorError("LOG_CLOSED", `\`${this.#path}\` is closed`);
    await this.#handle.close();
  }

  #queue(record: unknown): Batch {
    if (this.#batch === undefined) {
      this.#batch = { records: [], done: Promise.withResolvers<void>() };
      // A noted record has nobody waiting for it; its failure shows at the next append.
      this.#batch.done.promise.catch(() => undefined);
    }
    this.#batch.records.push(record);
    return this.#batch;
  }

  async #write(): Promise<void> {
    await Promise.resolve();
    for (let batch = this.#batch; batch !== undefined; batch = this.#batch) {
      this.#batch = undefined;
      try {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#snapshot !== undefined && this.#bytes > this.#rewriteAt) await this.#rewrite(this.#snapshot());
        else await this.#extend(batch.records);
        batch.done.resolve();
      } catch (cause) {
        this.#failure ??= new SimulatorError("LOG_FAILED", `can't write \`${this.#path}\``, { cause });
        batch.done.reject(this.#failure);
      }
    }
    this.#writer = undefined;
  }

  async #extend(records: readonly unknown[]): Promise<void> {
    const line = frame(records);
    await this.#handle.appendFile(line);
    await this.#handle.datasync();
    this.#bytes += line.length;
  }

  async #rewrite(records: readonly unknown[]): Promise<void> {
    const lines: Buffer[] = [];
    for (let at = 0; at < records.length; at += REWRITE_RECORDS_PER_LINE) {
      lines.push(frame(records.slice(at, at + REWRITE_RECORDS_PER_LINE)));
    }
    const draft = await open(draftOf(this.#path), "a+");
    await draft.appendFile(Buffer.concat(lines));
    await draft.sync();
    await rename(draftOf(this.#path), this.#path);
    await syncFolder(this.#path);
    const old = this.#handle;
    this.#handle = draft;
    await old.close();
    this.#bytes = lines.reduce((sum, line) => sum + line.length, 0);
    this.#rewriteAt = Math.max(REWRITE_BYTES_MIN, 2 * this.#bytes);
  }
}

function draftOf(path: string): string {
  return `${path}.draft`;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r");
  await folder.sync();
  await folder.close();
}
