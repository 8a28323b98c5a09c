/** How far this hub knows the journal. Who may what is known to the same place: all of it follows one tail. */
export interface JournalSight {
  /**
   * The last sequence that is known here. Read it in one breath with the look at whether somebody may: what that look
   * can't know yet lies behind it, and the guard refuses whatever was decided before it.
   */
  readonly seenUpTo: () => number;
  /** Resolves when what stood in the journal at the call is known here, or after a while. */
  readonly catchUp: () => Promise<unknown>;
}
