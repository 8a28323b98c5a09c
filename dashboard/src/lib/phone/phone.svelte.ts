import type { GraphqlFailure, Result } from "../graphql/index.ts";
import { makeDeviceKey, renewalProof } from "./device-key.ts";
import { ENROL, MY_DOORS, RENEW, WATCH, type PhonePath } from "./documents.ts";
import type { PhoneLine } from "./phone-line.ts";
import type { KeptPhone, PhoneStore } from "./phone-store.ts";

/** A page of ways in is a hundred; nobody walks more doors than this. */
const PAGES_MAX = 50;
const RETRY_MS = 2_000;
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
  | { readonly kind: "ready"; readonly paths: readonly PhonePath[] | undefined }
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
  readonly wait: (durationMs: number) => Promise<void>;
}

/** A carer's phone: its key, its session, and the doors that it may open. */
export class Phone {
  state: PhoneState = $state.raw({ kind: "starting" });
  /** Whether the hub was heard a moment ago. */
  isLive = $state(false);
  readonly #deps: PhoneDeps;
  #kept: KeptPhone | undefined;

  constructor(deps: PhoneDeps) {
    this.#deps = deps;
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
    if (this.#kept === undefined) this.state = { kind: "not-enrolled" };
    else this.state = { kind: "ready", paths: undefined };
    while (!signal.aborted) {
      if (this.state.kind === "ready") await this.#watch(signal);
      await this.#deps.wait(RETRY_MS);
    }
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
    this.#kept = { key, credentialId, token, expiresAt };
    await store.save(this.#kept);
    this.state = { kind: "ready", paths: undefined };
    await this.load();
  }

  /** Fetches the doors that may be opened. */
  async load(): Promise<void> {
    const paths: PhonePath[] = [];
    let after: string | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer: Result<{ myPaths: DoorsPage }, GraphqlFailure> = await this.#deps.line.request(
        MY_DOORS,
        { after },
        this.#kept,
      );
      if (!answer.ok) return this.failed(answer.failure);
      const { edges, pageInfo }: DoorsPage = answer.value.myPaths;
      paths.push(...edges.map(({ node }) => node));
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    if (this.state.kind === "ready") this.state = { kind: "ready", paths };
  }

  /** Takes a failure of any request: a session that the hub ended is renewed, or the phone has ended with it. */
  async failed({ kind }: GraphqlFailure): Promise<void> {
    if (kind === "signed-out") await this.#renew();
  }

  /** Forgets the key: whoever wants to open again needs a new code. */
  async forget(): Promise<void> {
    await this.#deps.store.forget();
    this.#kept = undefined;
    this.state = { kind: "not-enrolled" };
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const phone = this.#kept;
    if (phone === undefined) return;
    if (Date.parse(phone.expiresAt) - this.#deps.hubMs() < RENEW_BEFORE_MS) await this.#renew();
    if (this.state.kind !== "ready") return;
    await this.load();
    const ended = await this.#deps.line.follow(WATCH, { phone, signal, heard: () => (this.isLive = true) });
    this.isLive = false;
    await this.failed(ended);
  }

  async #renew(): Promise<void> {
    const phone = this.#kept;
    if (phone === undefined) return;
    const { line, store, crypto, hubMs } = this.#deps;
    const proof = await renewalProof(crypto, phone.key, { credentialId: phone.credentialId, hubMs: hubMs() });
    const answer = await line.request(RENEW, { proof });
    // Only the hub's own word ends a phone; a line that is down says nothing.
    if (!answer.ok) {
      if (answer.failure.kind === "signed-out" || answer.failure.kind === "forbidden") this.#end();
      return;
    }
    const { renewPhoneSession: renewed } = answer.value;
    if (renewed.__typename !== "RenewPhoneSessionSuccess") return this.#end();
    this.#kept = { ...phone, token: renewed.token, expiresAt: renewed.expiresAt };
    await store.save(this.#kept);
  }

  #end(): void {
    this.isLive = false;
    this.state = { kind: "ended" };
  }
}

interface DoorsPage {
  readonly edges: readonly { readonly node: PhonePath }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
