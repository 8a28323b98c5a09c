/** A place in the journal: the epoch of its database and the number of an entry; 0 stands before the first. */
export interface Revision {
  readonly epoch: number;
  readonly sequence: number;
}

/** The cursor that clients see: opaque to them, `j<epoch>.<sequence>` to us. */
export function cursorText(revision: Revision): string {
  return `j${revision.epoch}.${revision.sequence}`;
}

const CURSOR = /^j([1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,15})$/;

/** Reads a cursor; `undefined` for everything else. */
export function parseCursor(text: string): Revision | undefined {
  const match = CURSOR.exec(text);
  if (match === null) return undefined;
  const sequence = Number(match[2]);
  return Number.isSafeInteger(sequence) ? { epoch: Number(match[1]), sequence } : undefined;
}
