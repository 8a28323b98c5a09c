/** What an import did to one kind of thing. */
export interface Tally {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Rights that were taken away or brought to their end. */
  readonly ended: number;
}

/** Counts what a set-wise write answered: `written` are the rows it touched, out of `given`. */
export function tallyOf(given: number, written: readonly { readonly created: boolean }[], ended = 0): Tally {
  const created = written.filter((row) => row.created).length;
  return { created, updated: written.length - created, unchanged: given - written.length, ended };
}
