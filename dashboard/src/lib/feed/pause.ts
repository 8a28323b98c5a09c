/** Why nothing new is shown just now; what comes is kept meanwhile. */
export const PAUSE_REASONS = ["space", "hover", "focus", "selection", "scroll"] as const;
/** See {@link PAUSE_REASONS}. */
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** Holds the picture still while somebody reads, points or marks. */
export class Pause {
  readonly #reasons = new Set<PauseReason>();

  get isOn(): boolean {
    return this.#reasons.size > 0;
  }

  /** A reason begins or ends. Answers whether that changed anything. */
  set(reason: PauseReason, isOn: boolean): boolean {
    const was = this.isOn;
    if (isOn) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    return was !== this.isOn;
  }

  /** Forgets every reason: somebody wants to see what is new. A pointer that stays where it is holds nothing any more. */
  release(): void {
    this.#reasons.clear();
  }
}
