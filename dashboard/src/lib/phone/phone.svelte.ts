import type { GraphqlFailure } from "../graphql/index.ts";
import { makeDeviceKey, renewalProof } from "./device-key.ts";
import { ENROL, RENEW, WATCH } from "./documents.ts";
import { PhoneDoors } from "./phone-doors.svelte.ts";
import type { PhoneLine } from "./phone-line.ts";
import type { KeptPhone, PhoneStore } from "./phone-store.ts";

const RETRY_MS = 2_000;
/** The hub took the one-time code, and the browser did not take the key. */
const NOT_KEPT = "NOT_KEPT";
/** Answers of the hub that end a phone; whatever else goes wrong says nothing about its right. */
const ENDINGS = new Set(["RENEWAL_REFUSED", "PROOF_INVALID"]);
/** A session is renewed when less than this is left: long before a shift could end without one. */
const RENEW_BEFORE_MS = 2 * 3_600_000;

/** Where the phone stands. */
export type PhoneState =
  /** The browser is being asked what it keeps. */
  | { readonly kind: "starting" }
  /** The browser can keep no key, or makes none. */
  | { readonly kind: "unfit" }
  /** No phone is enrolled here. */
  | { readonly kind: "not-enrolled"; readonly code?: string }
  /** Enrolled; the hub says that it may go on. */
  | { readonly kind: "ready" }
  /** The hub takes this phone no longer: blocked, expired, or its person has left. Nothing opens. */
  | { readonly kind: "ended" };

/** What a phone needs of its page. */
export interface PhoneDeps {
  readonly line: PhoneLine;
  readonly store: PhoneStore;
  readonly crypto: Crypto;
  readonly hubMs: () => number;
  /** What the phone is called in lists of devices. */
  readonly model: string;
  readonly monotonicMs: () => number;
  readonly wait: (durationMs: number) => Promise<void>;
}

/** Whether the hub is heard: not asked yet, a moment ago, asked and not heard, or heard and of no help. */
export type LineState = "connecting" | "live" | "lost" | "troubled";

/** A carer's phone: its key, its session, and the doors that it may open. */
export class Phone {
  state: PhoneState = $state.raw({ kind: "starting" });
  line: LineState = $state("connecting");
  /** Whom to call, in international form; kept, so that it is there when no hub is. */
  hotlinePhone: string | undefined = $state();
  /** Whether the browser refused to forget the key. */
  isStillKept: boolean = $state(false);
  readonly doors: PhoneDoors;
  readonly #deps: PhoneDeps;
  #kept: KeptPhone | undefined;
  #stream = new AbortController();
  #wake: () => void = () => undefined;

  constructor(deps: PhoneDeps) {
    this.#deps = deps;
    this.doors = new PhoneDoors({
      ask: (document, variables) => deps.line.request(document, variables, this.#kept),
      monotonicMs: deps.monotonicMs,
      hotline: (number) => this.#noteHotline(number),
    });
  }

  /** The session to prove requests with; absent until it is enrolled. */
  get kept(): KeptPhone | undefined {
    return this.#kept;
  }

  /** Takes up what the browser keeps, and watches over it until `signal` ends that. */
  async start(signal: AbortSignal): Promise<void> {
    try {
      this.#kept = await this.#deps.store.load();
    } catch {
      this.state = { kind: "unfit" };
      return;
    }
    this.hotlinePhone = this.#kept?.hotlinePhone;
    if (this.#kept === undefined) this.state = { kind: "not-enrolled" };
    else this.state = { kind: "ready" };
    const { monotonicMs } = this.#deps;
    while (!signal.aborted) {
      const beganAt = monotonicMs();
      // Whatever the browser itself refuses, the next round may get: the watch goes on.
      if (this.state.kind === "ready") await this.#watch(signal).catch(() => (this.line = "troubled"));
      // A stream that stood and ended is asked for again at once: perhaps the phone's right has ended with it.
      if (monotonicMs() - beganAt < RETRY_MS) await this.#pause();
    }
  }

  /** Looks again at once: the phone woke up, or its network came or went. */
  lookAgain(): void {
    this.#stream.abort();
    this.#wake();
  }

  /** Takes up an ended phone once more; perhaps its block was lifted. */
  tryAgain(): void {
    if (this.#kept === undefined) return;
    this.line = "connecting";
    this.isStillKept = false;
    this.doors.forget();
    this.state = { kind: "ready" };
    this.#wake();
  }

  /** Makes a key and shows the one-time code for it. */
  async enrol(code: string): Promise<void> {
    const { line, store, crypto, model } = this.#deps;
    const key = await makeDeviceKey(crypto).catch(() => undefined);
    if (key === undefined) {
      this.state = { kind: "unfit" };
      return;
    }
    const answer = await line.request(ENROL, { input: { code, publicKey: key.publicKey, model } });
    if (!answer.ok) {
      this.state = { kind: "not-enrolled", code: answer.failure.code };
      return;
    }
    const { enrolPhone } = answer.value;
    if (enrolPhone.__typename !== "EnrolPhoneSuccess") {
      this.state = { kind: "not-enrolled", code: enrolPhone.code };
      return;
    }
    const { credentialId, token, expiresAt } = enrolPhone;
    const phone = { key, credentialId, token, expiresAt };
    try {
      await store.save(phone);
    } catch {
      // A phone that is gone with this page is none: its holder would stand before a door without it.
      this.state = { kind: "not-enrolled", code: NOT_KEPT };
      return;
    }
    this.#kept = phone;
    this.tryAgain();
  }

  /** Takes a failure of any request. Answers whether the same may be asked again with a new session. */
  async failed({ kind }: GraphqlFailure): Promise<boolean> {
    return kind === "signed-out" && (await this.#renew());
  }

  /** Forgets the key: whoever wants to open again needs a new code. What the browser refuses to forget stays as it is. */
  async forget(): Promise<void> {
    try {
      await this.#deps.store.forget();
    } catch {
      this.isStillKept = true;
      return;
    }
    this.isStillKept = false;
    this.#kept = undefined;
    this.hotlinePhone = undefined;
    this.state = { kind: "not-enrolled" };
  }

  async #watch(signal: AbortSignal): Promise<void> {
    if (this.#kept !== undefined && this.#isSoonOver(this.#kept)) await this.#renew();
    const failure = await this.doors.fetch();
    if (failure !== undefined) {
      if (!(await this.failed(failure))) this.line = failure.kind === "unreachable" ? "lost" : "troubled";
      return;
    }
    const phone = this.#kept;
    if (phone === undefined) return;
    this.#stream = new AbortController();
    const ended = await this.#deps.line.follow(WATCH, {
      phone,
      signal: AbortSignal.any([signal, this.#stream.signal]),
      heard: () => {
        this.line = "live";
        void this.doors.look();
      },
    });
    this.line = "connecting";
    await this.failed(ended);
  }

  #isSoonOver({ expiresAt }: KeptPhone): boolean {
    return Date.parse(expiresAt) - this.#deps.hubMs() < RENEW_BEFORE_MS;
  }

  async #noteHotline(number: string | null): Promise<void> {
    const phone = this.#kept;
    if (phone === undefined) return;
    this.hotlinePhone = number ?? undefined;
    if (phone.hotlinePhone === this.hotlinePhone) return;
    const { hotlinePhone: _, ...others } = phone;
    this.#kept = { ...others, ...(number !== null && { hotlinePhone: number }) };
    await this.#deps.store.save(this.#kept).catch(() => undefined);
  }

  async #renew(): Promise<boolean> {
    const phone = this.#kept;
    if (phone === undefined) return false;
    const { line, store, crypto, hubMs } = this.#deps;
    const proof = await renewalProof(crypto, phone.key, { credentialId: phone.credentialId, hubMs: hubMs() });
    const answer = await line.request(RENEW, { proof });
    if (!answer.ok) return false;
    const { renewPhoneSession: renewed } = answer.value;
    if (renewed.__typename !== "RenewPhoneSessionSuccess") {
      if (ENDINGS.has(renewed.code)) this.#end();
      return false;
    }
    this.#kept = { ...phone, token: renewed.token, expiresAt: renewed.expiresAt };
    // Not kept, the new session lasts as long as this page; the key, which is kept, gets another one.
    await store.save(this.#kept).catch(() => undefined);
    return true;
  }

  async #pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([this.#deps.wait(RETRY_MS), woken]);
  }

  #end(): void {
    this.line = "connecting";
    this.state = { kind: "ended" };
  }
}
