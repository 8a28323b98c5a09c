import type { HubClient, Credentials, Reply } from "./client.ts";
import type { WallClock } from "./clock.ts";
import { makeDeviceKey, signingKey } from "./device-key.ts";
import {
  ENROL_PHONE,
  ISSUE_ENROLMENT_CODE,
  MY_PATHS,
  OPEN_DOOR,
  RENEW_PHONE_SESSION,
  type OpenablePath,
  type OpenTarget,
  type PathsPage,
} from "./operations.ts";
import type { PhoneFiles, PhoneState } from "./state.ts";

/** A session is renewed when less than this is left, in milliseconds: long before a shift could end without one. */
const RENEW_BEFORE_MS = 2 * 3_600_000;

/** How long an opening waits for its outcome, in milliseconds: the longest the API allows. */
export const OPEN_WAIT_MS = 15_000;

/** Half the longest page: a path with its doors has a price, and a whole page of them would be too dear. */
const PATHS_PAGE = 100;
const PATHS_MAX = 5_000;

/** What a phone could not do. `isAway`: nobody knows what the hub did; the same may be asked again. */
export interface PhoneFailure {
  readonly code: string;
  readonly isAway: boolean;
  readonly retryAfterMs: number;
}
/** What a phone got, or not. */
export type PhoneResult<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: PhoneFailure };

interface Deps {
  readonly client: HubClient;
  readonly clock: WallClock;
  readonly files: PhoneFiles;
  /** Session token of a coordinator, who offers one-time codes; read when it is needed, because it ends too. */
  readonly adminToken: () => Promise<string>;
}

function refused(code: string): { readonly ok: false; readonly failure: PhoneFailure } {
  return { ok: false, failure: { code, isAway: false, retryAfterMs: 0 } };
}

function unanswered(reply: Extract<Reply<unknown>, { ok: false }>): {
  readonly ok: false;
  readonly failure: PhoneFailure;
} {
  const { code, isAway, retryAfterMs } = reply;
  return { ok: false, failure: { code, isAway, retryAfterMs } };
}

/** One carer's phone: a device key that never leaves it, and a session bound to that key. */
export class Phone {
  readonly employee: string;
  readonly #deps: Deps;
  #state: PhoneState | undefined;

  constructor(employee: string, deps: Deps) {
    this.employee = employee;
    this.#deps = deps;
  }

  /** Makes sure of a session: loads the state, renews what ends soon, enrols when there is none. */
  async ready(): Promise<PhoneResult<"enrolled" | "renewed" | "kept">> {
    const { files, clock } = this.#deps;
    this.#state ??= await files.load(this.employee);
    const leftMs = (this.#state?.session?.expiresAt ?? 0) - clock.now();
    if (leftMs <= 0) return this.#enrol();
    return leftMs < RENEW_BEFORE_MS ? this.#renew() : { ok: true, value: "kept" };
  }

  /** The session has ended at the hub; the next {@link ready} enrols anew. */
  async forgetSession(): Promise<void> {
    if (this.#state === undefined) return;
    const { session: _, ...state } = this.#state;
    await this.#keep(state);
  }

  /** Every path that the holder may open. */
  async paths(): Promise<PhoneResult<readonly OpenablePath[]>> {
    const paths: OpenablePath[] = [];
    let after: string | null = null;
    while (paths.length < PATHS_MAX) {
      const reply: Reply<PathsPage> = await this.#deps.client.send(
        MY_PATHS,
        { first: PATHS_PAGE, after },
        this.#credentials(),
      );
      if (!reply.ok) return unanswered(reply);
      const { edges, pageInfo }: PathsPage["myPaths"] = reply.answer.myPaths;
      paths.push(...edges.map(({ node }) => node));
      if (!pageInfo.hasNextPage || pageInfo.endCursor === null) break;
      after = pageInfo.endCursor;
    }
    return { ok: true, value: paths };
  }

  /** Asks to open. The same key asks about the same opening again and never opens twice. Gives the opening's state. */
  async open(target: OpenTarget, idempotencyKey: string): Promise<PhoneResult<string>> {
    const input = { target, idempotencyKey, waitMs: OPEN_WAIT_MS };
    const reply = await this.#deps.client.send(OPEN_DOOR, { input }, this.#credentials(), OPEN_WAIT_MS);
    if (!reply.ok) return unanswered(reply);
    const { openDoor } = reply.answer;
    return "errorCode" in openDoor ? refused(openDoor.errorCode) : { ok: true, value: openDoor.state };
  }

  async #enrol(): Promise<PhoneResult<"enrolled">> {
    const { client, adminToken } = this.#deps;
    const admin: Credentials = { kind: "dashboard", token: await adminToken() };
    const offer = await client.send(ISSUE_ENROLMENT_CODE, { input: { employee: this.employee } }, admin);
    if (!offer.ok) return unanswered(offer);
    const { issueEnrolmentCode } = offer.answer;
    if ("errorCode" in issueEnrolmentCode) return refused(issueEnrolmentCode.errorCode);
    // A key whose enrolment was never answered may be known to the hub already, so each enrolment has its own.
    const key = makeDeviceKey();
    await this.#keep({ version: 1, employee: this.employee, key });
    const input = { code: issueEnrolmentCode.code, publicKey: key.publicKey, model: "Simuleret telefon" };
    const reply = await client.send(ENROL_PHONE, { input }, { kind: "none" });
    if (!reply.ok) return unanswered(reply);
    const { enrolPhone } = reply.answer;
    if ("errorCode" in enrolPhone) return refused(enrolPhone.errorCode);
    const { token, credentialId, expiresAt } = enrolPhone;
    const session = { token, credential: credentialId, expiresAt: Date.parse(expiresAt) };
    await this.#keep({ version: 1, employee: this.employee, key, session });
    return { ok: true, value: "enrolled" };
  }

  async #renew(): Promise<PhoneResult<"renewed" | "enrolled">> {
    const reply = await this.#deps.client.send(RENEW_PHONE_SESSION, {}, this.#credentials());
    if (!reply.ok) return reply.isAway ? unanswered(reply) : this.#enrol();
    const { renewPhoneSession } = reply.answer;
    const session = this.#state?.session;
    if ("errorCode" in renewPhoneSession || this.#state === undefined || session === undefined) return this.#enrol();
    const { token, expiresAt } = renewPhoneSession;
    await this.#keep({ ...this.#state, session: { ...session, token, expiresAt: Date.parse(expiresAt) } });
    return { ok: true, value: "renewed" };
  }

  #credentials(): Credentials {
    const { key, session } = this.#state ?? {};
    if (key === undefined || session === undefined) return { kind: "none" };
    return { kind: "phone", token: session.token, key: signingKey(key) };
  }

  async #keep(state: PhoneState): Promise<void> {
    this.#state = state;
    await this.#deps.files.save(state);
  }
}
