import type { GraphqlFailure } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { Arming } from "../opening/arming.svelte.ts";
import { EMPLOYEE_ID_CHARACTERS_MIN, findEmployee, type Device, type Employee } from "./find-employee.ts";
import { BLOCK_CREDENTIAL, BLOCKS_ON, UNBLOCK_CREDENTIAL, type BlockState } from "./documents.ts";
import { pauseMs } from "./proof.ts";

/** Whom the sheet is about. */
export type BlockingPerson =
  | { readonly kind: "nobody" }
  | { readonly kind: "finding"; readonly employeeId: string }
  | { readonly kind: "no-such-employee"; readonly employeeId: string }
  | { readonly kind: "failed"; readonly failure: GraphqlFailure }
  | { readonly kind: "found"; readonly employee: Employee };

/** What was asked for and not done, by this code. */
export interface RefusedAct {
  readonly act: "block" | "unblock";
  readonly code: string;
}

/** What is known of one device. */
export interface DeviceState {
  /** Blocks that stand on it; `undefined` until the hub has told. */
  readonly blocks: readonly BlockState[] | undefined;
  readonly isBusy: boolean;
  /** The last act, where it was not done. */
  readonly refused: RefusedAct | undefined;
  /** Why the last look brought nothing; what is known is from the one before. */
  readonly unseen: GraphqlFailure | undefined;
  /** When the hub last told, by its clock. */
  readonly askedAtMs: number | undefined;
}

const UNTOLD: DeviceState = {
  ...{ blocks: undefined, isBusy: false, refused: undefined, unseen: undefined, askedAtMs: undefined },
};
/** After a look that failed: soon enough for somebody who waits, and no burden on a hub that comes back. */
const UNSEEN_PAUSE_MS = 5_000;

/** What blocking needs of its page. */
export interface BlockingDeps {
  readonly live: {
    readonly request: LiveSession["request"];
    readonly clock: Pick<LiveSession["clock"], "exactMs">;
  };
  /** Runs something after a while; the answer calls it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** Blocks devices of one employee, and shows how far each block has come for as long as the sheet is open. */
export class Blocking {
  person: BlockingPerson = $state.raw({ kind: "nobody" });
  devices: ReadonlyMap<string, DeviceState> = $state.raw(new Map());
  readonly #deps: BlockingDeps;
  readonly #arming: Arming;
  #findCount = 0;
  #calledOff: () => void = () => undefined;
  #isEnded = false;
  /** The last word on each device: of what was asked before it, no answer counts. */
  #words: ReadonlyMap<string, number> = new Map();
  #wordCount = 0;

  constructor(deps: BlockingDeps) {
    this.#deps = deps;
    this.#arming = new Arming(deps.after);
  }

  /** Whether the devices have been there long enough for a press to mean one of them. */
  get isArmed(): boolean {
    return this.#arming.isArmed;
  }

  /** Finds an employee by user id, with what stands on each device. An answer that a later search has overtaken is dropped. */
  async find(employeeId: string): Promise<void> {
    if (employeeId.trim().length < EMPLOYEE_ID_CHARACTERS_MIN) return;
    this.#findCount += 1;
    const count = this.#findCount;
    this.person = { kind: "finding", employeeId };
    const found = await findEmployee(this.#deps.live, employeeId);
    if (count !== this.#findCount || this.#isEnded) return;
    if (!found.ok) this.person = { kind: "failed", failure: found.failure };
    else if (found.value === undefined) this.person = { kind: "no-such-employee", employeeId };
    else this.show(found.value);
  }

  /** Shows an employee who is known already. */
  show(employee: Employee): void {
    this.#findCount += 1;
    this.#arming.begin();
    this.person = { kind: "found", employee };
    this.devices = new Map(employee.credentials.map(({ id }) => [id, UNTOLD]));
    void this.#lookAtAll();
  }

  /** Blocks a device. It is in effect at the hub's answer; a press before it was armed and a second one do nothing. */
  async block({ id }: Device, reason: string): Promise<void> {
    if (!this.isArmed || this.#of(id).isBusy) return;
    this.#put(id, { isBusy: true, refused: undefined });
    const told = reason.trim();
    const answer = await this.#deps.live.request(BLOCK_CREDENTIAL, {
      input: { credential: id, ...(told === "" ? {} : { reason: told }) },
    });
    if (!answer.ok) return this.#refuse(id, { act: "block", code: answer.failure.code });
    const placed = answer.value.blockCredential;
    if (placed.__typename !== "BlockCredentialSuccess") return this.#refuse(id, { act: "block", code: placed.code });
    this.#newWord(id);
    const others = this.#of(id).blocks?.filter((block) => block.id !== placed.block.id) ?? [];
    this.#put(id, { ...this.#answered([...others, placed.block]), isBusy: false });
    this.#lookSoon();
  }

  /** Lifts every block that stands on a device. */
  async unblock({ id }: Device, reason: string): Promise<void> {
    const { blocks = [], isBusy } = this.#of(id);
    if (isBusy || blocks.length === 0) return;
    this.#put(id, { isBusy: true, refused: undefined });
    const answer = await this.#deps.live.request(UNBLOCK_CREDENTIAL, {
      input: { credential: id, blocks: blocks.map((block) => block.id), reason: reason.trim() },
    });
    const code = codeOf(answer);
    if (code !== undefined) return this.#refuse(id, { act: "unblock", code });
    this.#put(id, { isBusy: false });
    await this.#look(id);
    this.#lookSoon();
  }

  /** Asks no more. */
  end(): void {
    this.#isEnded = true;
    this.#arming.end();
    this.#calledOff();
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all([...this.devices.keys()].map((id) => this.#look(id)));
    this.#lookSoon();
  }

  async #look(id: string): Promise<void> {
    const word = this.#newWord(id);
    const answer = await this.#deps.live.request(BLOCKS_ON, { credential: id });
    if (this.#words.get(id) !== word) return;
    if (!answer.ok) return this.#put(id, { unseen: answer.failure });
    this.#put(id, this.#answered(answer.value.blocksOn));
    const { refused } = this.#of(id);
    const isDone = (refused?.act === "block") === answer.value.blocksOn.length > 0;
    if (isDone) this.#put(id, { refused: undefined });
  }

  #newWord(id: string): number {
    this.#wordCount += 1;
    this.#words = new Map(this.#words).set(id, this.#wordCount);
    return this.#wordCount;
  }

  /** An act without a clear answer may have been done: what stands tells it. */
  async #refuse(id: string, refused: RefusedAct): Promise<void> {
    this.#put(id, { isBusy: false, refused });
    await this.#look(id);
    this.#lookSoon();
  }

  #answered(blocks: readonly BlockState[]): Partial<DeviceState> {
    return { blocks, unseen: undefined, askedAtMs: this.#deps.live.clock.exactMs() };
  }

  /** Proofs come within seconds from locks that are there, and late from those that are not: asked less often by and by. */
  #lookSoon(): void {
    this.#calledOff();
    const devices = [...this.devices.values()];
    const standing = devices.flatMap(({ blocks }) => blocks ?? []);
    const isUnseen = devices.some(({ unseen }) => unseen !== undefined && unseen.kind !== "forbidden");
    const pause = pauseMs(standing, this.#deps.live.clock.exactMs()) ?? (isUnseen ? UNSEEN_PAUSE_MS : undefined);
    if (pause === undefined || this.#isEnded) return;
    this.#calledOff = this.#deps.after(pause, () => void this.#lookAtAll());
  }

  #of(id: string): DeviceState {
    return this.devices.get(id) ?? UNTOLD;
  }

  #put(id: string, change: Partial<DeviceState>): void {
    this.devices = new Map(this.devices).set(id, { ...this.#of(id), ...change });
  }
}

type Lifted = { readonly ok: true; readonly value: { readonly unblockCredential: Lift } };
type Lift =
  { readonly __typename: "UnblockCredentialSuccess" } | { readonly __typename: string; readonly code: string };

function codeOf(answer: Lifted | { readonly ok: false; readonly failure: GraphqlFailure }): string | undefined {
  if (!answer.ok) return answer.failure.code;
  const lift = answer.value.unblockCredential;
  return "code" in lift ? lift.code : undefined;
}
