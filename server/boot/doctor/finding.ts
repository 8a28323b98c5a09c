/** One thing a hub stands on, and how it stands. Quotes no secret. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly remedy?: string | undefined;
}
