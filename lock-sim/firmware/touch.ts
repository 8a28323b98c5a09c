import {
  CLOCK_SKEW_MS_MAX,
  fromBase64url,
  PERMIT_LIFE_MS_MAX,
  permitProofText,
  type PermitMessage,
  type RefusalReason,
} from "@portner/schema/mqtt";
import { authenticate } from "./authenticate.ts";
import { TAKEN, type Verdict } from "./commands.ts";
import type { Core } from "./core.ts";
import { isDenied } from "./deny-list.ts";
import { isSignedBy, readPublicKey } from "./keys.ts";
import type { Motion } from "./motion.ts";

/** How long a lock that just connected waits for the deny document before it lets anybody in by a permit, in milliseconds. */
export const DENY_WAIT_MS = 5_000;

/** A smartkey held to the lock: its permit, and its signature over the lock's challenge. */
export interface Touch {
  readonly permit: Uint8Array;
  readonly challenge: string;
  /** Signature of `permitProofText`, base64url. */
  readonly proof: string;
}

/** Entry by permit: no hub is asked, so everything is checked here, and the entry is on flash before the motor runs. */
export class Touches {
  readonly #core: Core;
  readonly #motion: Motion;
  #gate: PromiseWithResolvers<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(core: Core, motion: Motion) {
    this.#core = core;
    this.#motion = motion;
  }

  /** What a smartkey must sign; `undefined` when too many touches are under way. */
  challenge(): string | undefined {
    return this.#core.challenges.make({ kind: "touch" });
  }

  /** A connection is up: a newer deny document may be about to arrive. */
  connected(): void {
    this.#gate ??= Promise.withResolvers<void>();
    this.#cancel?.();
    this.#cancel = this.#core.deps.clock.after(DENY_WAIT_MS, () => this.denySeen());
  }

  /** The deny document came, or is not waited for any longer. */
  denySeen(): void {
    this.#cancel?.();
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Checks a permit and opens. Resolves once the entry is on flash and the motor has its order, or with the refusal. */
  async present(touch: Touch): Promise<Verdict> {
    await this.#gate?.promise;
    const core = this.#core;
    const isFresh = core.challenges.spend(touch.challenge, "touch") !== undefined;
    const read = authenticate(
      { bytes: touch.permit, retained: false },
      {
        type: "permit",
        retainable: false,
        address: (permit) => (permit.tenant === core.identity.tenant ? undefined : "WRONG_TENANT"),
        key: (kid) => core.keys.find(kid, "permit"),
        reserve: 0,
      },
      core.budget,
    );
    const reason = read.ok ? this.#judge(read.message, { ...touch, isFresh }) : read.reason;
    if (reason !== undefined || !read.ok) {
      core.refusals.note(reason ?? "MALFORMED");
      return { taken: false, reason: reason ?? "MALFORMED" };
    }
    return this.#enter(read.message);
  }

  async #enter(permit: PermitMessage): Promise<Verdict> {
    const { recorder, isStopped } = this.#core;
    const { id, cred, gen } = permit;
    this.#motion.promise();
    await recorder.record({ kind: "entry", permit: id, cred, gen });
    if (!isStopped()) this.#motion.obey("open", { cause: "permit", permit: id });
    return TAKEN;
  }

  #judge(permit: PermitMessage, touch: Touch & { readonly isFresh: boolean }): RefusalReason | undefined {
    const { time, flash, identity } = this.#core;
    if (permit.exp - permit.iat > PERMIT_LIFE_MS_MAX) return "LIFE_TOO_LONG";
    if (!time.isTrusted()) return "CLOCK_UNTRUSTED";
    const now = time.now();
    if (now < permit.iat - CLOCK_SKEW_MS_MAX) return "NOT_YET_VALID";
    if (now >= permit.exp) return "EXPIRED";
    if (!touch.isFresh) return "BAD_CHALLENGE";
    // An incomplete deny list could let a lost key in, so without a hub nobody gets in.
    if (flash.deny.overflowed || isDenied(flash.deny.entries, permit)) return "DENIED";
    if (!this.#isGranted(permit, now)) return "NOT_GRANTED";
    const key = readPublicKey(permit.cnf);
    const proof = fromBase64url(touch.proof);
    const text = permitProofText(identity.unit, touch.challenge, permit.id);
    if (key === undefined || proof === undefined || !isSignedBy(key, text, proof)) return "BAD_PROOF";
    return this.#motion.hasRoom ? undefined : "MEMORY_FULL";
  }

  #isGranted(permit: PermitMessage, now: number): boolean {
    const config = this.#core.flash.config?.message;
    if (config === undefined) return false;
    return permit.grants.some((grant) => {
      const here = "bundle" in grant ? config.bundles.includes(grant.bundle) : config.paths.includes(grant.path);
      return here && grant.from <= now && now < grant.to;
    });
  }
}
