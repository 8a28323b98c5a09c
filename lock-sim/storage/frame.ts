import { crc32 } from "node:zlib";

const NEWLINE = 0x0a;
const CHECKSUM_LENGTH = 8;

/** One line of a log: the checksum of its body, a blank, the body as a JSON array of records, a newline. */
export function frame(records: readonly unknown[]): Buffer {
  const body = Buffer.from(JSON.stringify(records), "utf8");
  return Buffer.concat([Buffer.from(`${checksum(body)} `), body, Buffer.from("\n")]);
}

function checksum(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(CHECKSUM_LENGTH, "0");
}

function unframe(line: Buffer): readonly unknown[] | undefined {
  const body = line.subarray(CHECKSUM_LENGTH + 1);
  if (line[CHECKSUM_LENGTH] !== 0x20 || line.toString("latin1", 0, CHECKSUM_LENGTH) !== checksum(body))
    return undefined;
  const records: unknown = JSON.parse(body.toString("utf8"));
  return Array.isArray(records) ? records : undefined;
}

/** What a log file holds: the records of its whole lines, where they end, and whether whole lines follow a broken one. */
export interface Unframed {
  readonly records: readonly unknown[];
  readonly goodBytes: number;
  readonly holed: boolean;
}

/** Reads a log's bytes up to the first line that is cut or whose checksum is wrong. */
export function unframeAll(bytes: Buffer): Unframed {
  const records: unknown[] = [];
  let goodBytes = 0;
  let broken = false;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const line = newline < 0 ? undefined : unframe(bytes.subarray(start, newline));
    if (line !== undefined && broken) return { records, goodBytes, holed: true };
    if (line === undefined) broken = true;
    else {
      records.push(...line);
      goodBytes = newline + 1;
    }
    start = newline < 0 ? bytes.length : newline + 1;
  }
  return { records, goodBytes, holed: false };
}
