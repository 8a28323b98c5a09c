import { RING_EVENTS_MIN, type ConfigMessage } from "@portner/schema/mqtt";
import { LogFile } from "../storage/log-file.ts";
import type { KeyPair } from "./keys.ts";
import { FlashRecord, StoredEvent, type Commission, type DenyList } from "./record.ts";
import { Ring } from "./ring.ts";

/** The cfg document a lock holds: as it came, for its digest, and as it was read. */
export interface HeldConfig {
  readonly compact: string;
  readonly message: ConfigMessage;
}

const NOTHING_DENIED: DenyList = { version: 0, entries: [], overflowed: false };

/**
 * A lock's memory: what survives a loss of power. Every change is one record that is applied here and appended to the
 * log; reading the log again gives the same memory.
 */
export class Flash {
  readonly #log: LogFile;
  #pair: KeyPair | undefined;
  #commission: Commission | undefined;
  #config: HeldConfig | undefined;
  #deny = NOTHING_DENIED;
  #boot = 0;
  #seq = 0;
  #floor = 0;
  #timeFloor = 0;
  readonly #used = new Map<string, number>();
  readonly ring = new Ring(RING_EVENTS_MIN);

  private constructor(log: LogFile, records: readonly FlashRecord[]) {
    this.#log = log;
    for (const record of records) this.#apply(record);
    log.rewriteFrom(() => this.#snapshot());
  }

  /** Opens or makes the flash file. Throws `LOG_DAMAGED` when it is not to be trusted. */
  static async open(path: string): Promise<Flash> {
    const records: FlashRecord[] = [];
    const log = await LogFile.open(path, (record) => records.push(FlashRecord.parse(record)));
    return new Flash(log, records);
  }

  get pair(): KeyPair | undefined {
    return this.#pair;
  }

  get commission(): Commission | undefined {
    return this.#commission;
  }

  get config(): HeldConfig | undefined {
    return this.#config;
  }

  get deny(): DenyList {
    return this.#deny;
  }

  /** Number of this boot; 0 before the first. */
  get boot(): number {
    return this.#boot;
  }

  /** Number of the last event made in this boot; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** Commands decided at or before this instant are refused: their ids may be forgotten. */
  get floor(): number {
    return this.#floor;
  }

  /** The latest signed time ever taken; no answer below it is believed. */
  get timeFloor(): number {
    return this.#timeFloor;
  }

  /** How many command ids are remembered. */
  get usedCount(): number {
    return this.#used.size;
  }

  /** Bytes of a torn tail that were cut at the start. */
  get cutBytes(): number {
    return this.#log.cutBytes;
  }

  isUsed(id: string): boolean {
    return this.#used.has(id);
  }

  /** How many ids would be remembered if the floor were `floor`. */
  usedAbove(floor: number): number {
    let count = 0;
    for (const iat of this.#used.values()) if (iat > floor) count += 1;
    return count;
  }

  /** Applies a record at once; resolves when it is safe on disk, rejects when it can't be written. */
  commit(record: FlashRecord): Promise<void> {
    this.#apply(record);
    return this.#log.append(record);
  }

  /** Applies a record that a loss of power may undo. */
  note(record: FlashRecord): void {
    this.#apply(record);
    this.#log.note(record);
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.#log.settled();
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #push(event: StoredEvent): void {
    this.#seq = event.seq;
    this.ring.push(event);
  }

  #apply(record: FlashRecord): void {
    switch (record.t) {
      case "key":
        this.#pair = record.pair;
        return;
      case "commission":
        this.#commission = record.commission;
        return;
      case "boot":
        this.#boot = record.event.boot;
        return this.#push(record.event);
      case "event":
        return this.#push(record.event);
      case "use":
        this.#used.set(record.id, record.iat);
        this.#raiseFloor(record.floor);
        return this.#push(record.event);
      case "ack":
        this.ring.acknowledge(record.boot, record.seq);
        return;
      case "cfg":
        this.#config = { compact: record.compact, message: record.message };
        return;
      case "deny":
        this.#deny = record.list;
        return;
      case "time":
        this.#timeFloor = Math.max(this.#timeFloor, record.floor);
        return;
      case "resume":
        return this.#resume(record);
    }
  }

  #raiseFloor(floor: number): void {
    if (floor <= this.#floor) return;
    this.#floor = floor;
    for (const [id, iat] of this.#used) if (iat <= floor) this.#used.delete(id);
  }

  #resume(record: Extract<FlashRecord, { t: "resume" }>): void {
    this.#boot = record.boot;
    this.#seq = record.seq;
    this.#timeFloor = record.timeFloor;
    for (const [id, iat] of record.used) this.#used.set(id, iat);
    this.#raiseFloor(record.floor);
    this.ring.restoreLost(record.lost);
  }

  #snapshot(): readonly FlashRecord[] {
    const records: FlashRecord[] = [];
    if (this.#pair !== undefined) records.push({ t: "key", pair: this.#pair });
    if (this.#commission !== undefined) records.push({ t: "commission", commission: this.#commission });
    if (this.#config !== undefined) records.push({ t: "cfg", ...this.#config });
    records.push({ t: "deny", list: this.#deny });
    for (const text of this.ring.kept()) records.push({ t: "event", event: StoredEvent.parse(JSON.parse(text)) });
    // Last, because the ring's events would otherwise set the number of this boot's last event.
    records.push({
      t: "resume",
      boot: this.#boot,
      seq: this.#seq,
      floor: this.#floor,
      timeFloor: this.#timeFloor,
      used: [...this.#used],
      lost: [...this.ring.lost],
    });
    return records;
  }
}
