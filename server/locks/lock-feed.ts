import type { LockSources } from "./lock-view.ts";

/** How often all locks are looked at for what no message tells: silence, a motor's time running out, a quarantine. */
const LOOK_MS = 2_000;

/** Told that a lock may look different now. */
export type LockListener = (lock: number) => void;

/**
 * Tells of every lock that may look different: at once when it was heard of, and within two seconds when what changed is
 * that nothing was heard. Looks only while somebody listens. One per hub, whatever the number of listeners.
 */
export class LockFeed {
  readonly #sources: LockSources;
  readonly #listeners = new Set<LockListener>();
  #looks = new Map<number, string>();
  #stop: () => void = () => undefined;

  constructor(sources: LockSources) {
    this.#sources = sources;
  }

  /** Adds a listener. The returned function removes it. */
  onChange(listener: LockListener): () => void {
    // Each call is a listener of its own, also when it passes a function that listens already.
    const own: LockListener = (lock) => listener(lock);
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    this.#looks = this.#look();
    const unfollow = this.#sources.fleet.onChange((lock) => this.#tell(lock));
    let cancel = (): void => undefined;
    const again = (): void => {
      cancel = this.#sources.clock.after(LOOK_MS, () => {
        this.#compare();
        again();
      });
    };
    again();
    this.#stop = () => {
      cancel();
      unfollow();
    };
  }

  #compare(): void {
    const before = this.#looks;
    this.#looks = this.#look();
    for (const [lock, look] of this.#looks) if (before.get(lock) !== look) this.#tell(lock);
  }

  #look(): Map<number, string> {
    const { clock, directory, registry, fleet } = this.#sources;
    const now = clock.now();
    const looks = new Map<number, string>();
    for (const { lock } of directory.all()) {
      const registered = registry.byLock(lock);
      const board = registered === undefined ? undefined : fleet.entryOf(registered, now);
      looks.set(lock, `${registered?.quarantined} ${board?.freshness} ${board?.state.bolt.value}`);
    }
    return looks;
  }

  #tell(lock: number): void {
    for (const listener of [...this.#listeners]) listener(lock);
  }
}
