import type { LockRow } from "./list-documents.ts";

/** A change as `lockChanged` tells it. */
export interface LockChange {
  readonly kind: "SNAPSHOT" | "SNAPSHOT_END" | "CHANGED" | "LEFT" | "BEAT";
  readonly lockId: string | null;
  readonly lock: LockRow | null;
}

/** The rows of one page, kept as they are at the doors. Their order and number change with the next page load only. */
export class LiveRows {
  rows: readonly LockRow[] = $state.raw([]);
  /** Rows that match the filter no longer; they stay in their place, marked, until the page is fetched anew. */
  left: ReadonlySet<string> = $state.raw(new Set());

  /** Shows a page as it was fetched. */
  show(rows: readonly LockRow[]): void {
    this.rows = rows;
    this.left = new Set();
  }

  /** Takes a change, of which most are about rows of other pages. */
  take({ lock, lockId, kind }: LockChange): void {
    const id = lock?.id ?? lockId;
    const at = this.rows.findIndex((row) => row.id === id);
    if (at === -1 || id === null) return;
    if (kind === "LEFT") this.left = new Set([...this.left, id]);
    if (lock === null) return;
    this.rows = this.rows.with(at, lock);
    if (this.left.has(id)) this.left = new Set([...this.left].filter((each) => each !== id));
  }
}
