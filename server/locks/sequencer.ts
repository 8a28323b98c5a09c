import type { EventMessage } from "@portner/schema/mqtt";
import { EVENT_WINDOW } from "@portner/schema/mqtt";

/**
 * A number this far beyond what is committed can't be a ring's backlog: it is more than a year of a busy door without
 * a hub, so the lock's memory or its key is not what it was.
 */
export const SEQUENCE_JUMP_MAX = 65_536;

/** Dying cells start a lock again and again, for days at worst; so many starts that nobody heard of are none. */
export const BOOT_JUMP_MAX = 65_536;

/** Digests of committed events kept a unit, to tell a resend from another content without asking the database. */
const REMEMBERED_DIGESTS_MAX = 64;

/** An event that passed its signature, and the digest of its bytes. */
export interface SignedEvent {
  readonly event: EventMessage;
  readonly content: string;
}

/** What to do with an event that has just been heard. */
export type Placement =
  | { readonly place: "next" | "held" | "beyond" | "waiting" | "past" }
  | { readonly place: "repeated"; readonly same: boolean | undefined }
  | { readonly place: "nonsense"; readonly cause: "SEQUENCE_JUMP" | "CONTENT_CONFLICT" | "BOOT_REVERSED" };

/**
 * Puts one unit's events in order. Commits happen in sequence only; what comes early is held in a small window, what
 * comes too early is left for the lock to resend, and nothing is guessed.
 */
export class UnitSequencer {
  #boot: number;
  #contiguous: number;
  readonly #held = new Map<number, SignedEvent>();
  readonly #digests = new Map<number, string>();

  /** `boot` 0 is a unit nothing was heard of. */
  constructor(committed: { readonly boot: number; readonly contiguous: number }) {
    this.#boot = committed.boot;
    this.#contiguous = committed.contiguous;
  }

  /** How far the newest boot is committed without a gap. */
  get committed(): { readonly boot: number; readonly sequence: number } {
    return { boot: this.#boot, sequence: this.#contiguous };
  }

  /** Looks where an event belongs; an early one is held. */
  place(signed: SignedEvent): Placement {
    const { event } = signed;
    // A newer boot is only begun once the one before it is committed whole.
    if (event.boot < this.#boot) return { place: "past" };
    if (event.boot > this.#boot) return this.#placeOfNewBoot(event);
    if (event.seq <= this.#contiguous) {
      // A lost range may have been committed in part, or grown; either way there is nothing left to commit.
      if (event.kind === "lost") return { place: "past" };
      const digest = this.#digests.get(event.seq);
      return { place: "repeated", same: digest === undefined ? undefined : digest === signed.content };
    }
    // Also where a lost range ends: whatever the lock says below that number would count as said before.
    if (event.seq - this.#contiguous > SEQUENCE_JUMP_MAX) return { place: "nonsense", cause: "SEQUENCE_JUMP" };
    const first = event.kind === "lost" ? event.from : event.seq;
    if (first <= this.#contiguous + 1) return { place: "next" };
    if (first - this.#contiguous > EVENT_WINDOW) return { place: "beyond" };
    this.#held.set(event.seq, signed);
    return { place: "held" };
  }

  /**
   * Notes that an event is committed, by this hub or by another. Answers whether that was news; `content` is unknown
   * for what another hub committed.
   */
  advance(boot: number, sequence: number, content?: string): boolean {
    if (boot < this.#boot || (boot === this.#boot && sequence <= this.#contiguous)) return false;
    if (boot !== this.#boot) {
      this.#boot = boot;
      this.#held.clear();
      this.#digests.clear();
    }
    this.#contiguous = sequence;
    if (content !== undefined) this.#digests.set(sequence, content);
    for (const old of this.#digests.keys()) if (old <= sequence - REMEMBERED_DIGESTS_MAX) this.#digests.delete(old);
    for (const passed of this.#held.keys()) if (passed <= sequence) this.#held.delete(passed);
    return true;
  }

  /** Takes out the held event whose turn it is, if it came early. */
  takeNext(): SignedEvent | undefined {
    const next = this.#held.get(this.#contiguous + 1);
    if (next !== undefined) this.#held.delete(this.#contiguous + 1);
    return next;
  }

  #placeOfNewBoot(event: EventMessage): Placement {
    const isJump = event.boot - this.#boot > BOOT_JUMP_MAX || event.seq > SEQUENCE_JUMP_MAX;
    if (isJump) return { place: "nonsense", cause: "SEQUENCE_JUMP" };
    const first = event.kind === "lost" ? event.from : event.seq;
    if (first !== 1) return { place: "beyond" };
    // A lock sends a newer boot only after the older ones were acknowledged whole.
    if (event.kind === "lost") return { place: "next" };
    if (event.kind !== "restarted") return { place: "nonsense", cause: "CONTENT_CONFLICT" };
    const before = event.previous;
    if (before === null) {
      return this.#boot === 0 ? { place: "next" } : { place: "nonsense", cause: "BOOT_REVERSED" };
    }
    // What another hub has committed of that boot reaches this one by the journal in a moment.
    if (before.boot !== this.#boot) return { place: "waiting" };
    if (before.seq < this.#contiguous) return { place: "nonsense", cause: "BOOT_REVERSED" };
    return before.seq === this.#contiguous ? { place: "next" } : { place: "waiting" };
  }
}
