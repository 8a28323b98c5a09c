import { isDeepStrictEqual } from "node:util";
import type { LockPlace } from "./directory/index.ts";
import type { LockSources } from "./lock-view.ts";

/**
 * How often all locks are looked at for what no message tells: silence, a motor's time running out, a quarantine, another
 * place after an import.
 */
const LOOK_MS = 2_000;

/** How a lock looked. */
interface Look {
  readonly place: LockPlace;
  readonly standing: string;
}

/** Told that a lock may look different now. */
export type LockListener = (lock: number) => void;

/**
 * Tells of every lock that may look different: at once when it was heard of, and within two seconds when what changed is
 * that nothing was heard, or its place as the directory has it. Looks only while somebody listens. One per hub, whatever the number of listeners.
 */
export class LockFeed {
  readonly #sources: LockSources;
  readonly #listeners = new Set<LockListener>();
  #looks = new Map<number, Look>();
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
    for (const [lock, look] of this.#looks) if (!isSame(before.get(lock), look)) this.#tell(lock);
  }

  #look(): Map<number, Look> {
    const { clock, directory, registry, fleet } = this.#sources;
    const now = clock.now();
    const looks = new Map<number, Look>();
    for (const place of directory.all()) {
      const { lock } = place;
      const registered = registry.byLock(lock);
      const board = registered === undefined ? undefined : fleet.entryOf(registered, now);
      const standing = `${registered?.quarantinedAt} ${board?.freshness} ${board?.state.bolt.value}`;
      looks.set(lock, { place, standing });
    }
    return looks;
  }

  #tell(lock: number): void {
    for (const listener of [...this.#listeners]) listener(lock);
  }
}

// The same place is the same object until the directory is read anew, so that they are seldom compared in full.
function isSame(before: Look | undefined, { place, standing }: Look): boolean {
  if (before === undefined || before.standing !== standing) return false;
  return before.place === place || isDeepStrictEqual(before.place, place);
}
