import type { AckMessage, ConfigMessage, DenyMessage, EventMessage } from "@portner/schema/mqtt";
import { fraction } from "../ground/random.ts";
import { authenticate, type Authentic, type Incoming } from "./authenticate.ts";
import { VERIFICATIONS_RESERVED } from "./budget.ts";
import { TAKEN, type Verdict } from "./commands.ts";
import type { Core } from "./core.ts";
import { DENY_LIST_ENTRIES_MAX, denyDigest, mergeDenials, withoutPassed } from "./deny-list.ts";
import { digestOf } from "./keys.ts";
import type { DenyList } from "./record.ts";

type Holding = Pick<Extract<EventMessage, { kind: "holds" }>, "cfg" | "deny">;

/** Who hears of documents. */
interface Hearers {
  /** Every valid deny document. */
  readonly denySeen: () => void;
  /** The first cfg: from now on the lock can verify what hubs sign. */
  readonly begun: () => void;
  /** A cfg with another pace of the heartbeat, the first included. */
  readonly paced: () => void;
}

/** What hubs publish for a lock to keep: the cfg and deny documents, and acks. Tells what it holds when that changed. */
export class Documents {
  readonly #core: Core;
  readonly #hearers: Hearers;
  /** A deny document that came before the first cfg, whose keys verify it: the newest only, at most 16 KiB of memory. */
  #early: Incoming | undefined;
  #told: string | undefined;
  #cancel: (() => void) | undefined;

  constructor(core: Core, hearers: Hearers) {
    this.#core = core;
    this.#hearers = hearers;
  }

  ack(incoming: Incoming): Verdict {
    const core = this.#core;
    const read = authenticate(
      incoming,
      { ...this.#common("command"), type: "ack", retainable: false, address: core.misaddressed },
      core.budget,
    );
    // Sent again for the next event; before the first cfg nobody's fault.
    if (this.#isTooEarly(read)) {
      core.counters.add("ACK_BEFORE_CFG");
      return TAKEN;
    }
    return this.#take(read, (message: AckMessage) => core.sender.acknowledge(message.boot, message.seq));
  }

  config(incoming: Incoming): Verdict {
    const core = this.#core;
    const { lock } = core.identity;
    const address = (message: ConfigMessage) =>
      message.lock === lock ? core.misaddressed(message) : ("WRONG_UNIT" as const);
    const read = authenticate(
      incoming,
      { ...this.#common("root"), type: "cfg", retainable: true, address },
      core.budget,
    );
    return this.#take(read, (message) => this.#keepConfig(Buffer.from(incoming.bytes).toString("latin1"), message));
  }

  deny(incoming: Incoming): Verdict {
    const core = this.#core;
    const { tenant } = core.identity;
    const address = (message: DenyMessage) => (message.tenant === tenant ? undefined : ("WRONG_TENANT" as const));
    const read = authenticate(
      incoming,
      { ...this.#common("command"), type: "deny", retainable: true, address },
      core.budget,
    );
    if (this.#isTooEarly(read)) {
      this.#early = incoming;
      core.counters.add("DENY_BEFORE_CFG");
      return TAKEN;
    }
    return this.#take(read, (message) => this.#merge(message));
  }

  /** Forgets denials whose end has passed on trusted time. */
  prune(): void {
    const { flash, time } = this.#core;
    if (!time.isTrusted()) return;
    const entries = withoutPassed(flash.deny.entries, time);
    if (entries.length < flash.deny.entries.length) this.#keepDenials({ ...flash.deny, entries });
  }

  stop(): void {
    this.#cancel?.();
  }

  #common(purpose: "root" | "command") {
    return { key: (kid: string) => this.#core.keys.find(kid, purpose), reserve: VERIFICATIONS_RESERVED };
  }

  // A new unit knows only the root key. What the others sign isn't refused for that: it can't be judged yet.
  #isTooEarly(read: Authentic<"ack"> | Authentic<"deny">): boolean {
    return !read.ok && read.reason === "UNKNOWN_KEY" && this.#core.flash.config === undefined;
  }

  #take<Type extends "ack" | "cfg" | "deny">(
    read: Authentic<Type>,
    use: (message: Extract<Authentic<Type>, { ok: true }>["message"]) => void,
  ): Verdict {
    if (read.ok) {
      use(read.message);
      return TAKEN;
    }
    this.#core.refusals.note(read.reason);
    return { taken: false, reason: read.reason };
  }

  #keepConfig(compact: string, message: ConfigMessage): void {
    const { flash, counters, deps } = this.#core;
    const held = flash.config;
    if (held !== undefined && message.version < held.message.version) return counters.add("CFG_OLDER");
    if (held !== undefined && message.version === held.message.version) {
      if (compact !== held.compact) counters.add("CFG_SAME_VERSION_OTHER_CONTENT");
      return;
    }
    flash.commit({ t: "cfg", compact, message }).catch(deps.failed);
    this.#tellSoon(0);
    if (held?.message.heartbeatMs !== message.heartbeatMs) this.#hearers.paced();
    if (held === undefined) this.#begin();
  }

  #begin(): void {
    const early = this.#early;
    this.#early = undefined;
    this.#hearers.begun();
    if (early !== undefined) this.deny(early);
  }

  #merge(message: DenyMessage): void {
    const { flash, time } = this.#core;
    const merged = mergeDenials(flash.deny.entries, message.entries);
    const entries = time.isTrusted() ? withoutPassed(merged, time) : merged;
    const overflowed = entries.length > DENY_LIST_ENTRIES_MAX;
    const version = Math.max(flash.deny.version, message.version);
    // The version is what the lock proves to hold; a document that found no room is not held.
    this.#keepDenials(overflowed ? { ...flash.deny, overflowed } : { version, entries, overflowed });
    this.#hearers.denySeen();
  }

  #keepDenials(list: DenyList): void {
    const { flash, deps } = this.#core;
    if (JSON.stringify(list) === JSON.stringify(flash.deny)) return;
    flash.commit({ t: "deny", list }).catch(deps.failed);
    // Every lock of the tenant hears the same broadcast; they must not all answer in the same moment.
    this.#tellSoon(fraction(deps.random) * (flash.config?.message.jitterMs ?? 0));
  }

  /** Reports what is held, unless this very thing was reported in this boot. Flash order makes it proof of storage. */
  tell(): void {
    const { flash } = this.#core;
    const holding: Holding = {
      cfg:
        flash.config === undefined
          ? null
          : { version: flash.config.message.version, digest: digestOf(flash.config.compact) },
      deny: { version: flash.deny.version, digest: denyDigest(flash.deny.entries) },
    };
    const text = JSON.stringify(holding);
    if (text === this.#told) return;
    this.#told = text;
    this.#core.emit({ kind: "holds", ...holding });
  }

  #tellSoon(delayMs: number): void {
    if (this.#cancel !== undefined && delayMs > 0) return;
    this.#cancel?.();
    this.#cancel = this.#core.deps.clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.tell();
    });
  }
}
