import type { GraphqlFailure, ResultOf } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import { EMPLOYEE_ID_CHARACTERS_MIN, findEmployee, type Device, type Employee } from "../blocking/find-employee.ts";
import { DECIDE } from "./why-documents.ts";

/** What the hub says to one device at one lock. */
export type Decision = ResultOf<typeof DECIDE>["decide"];

/** How often the same is asked again while it is shown: a plan or a block changes the answer, and no stream tells of it. */
export const WHY_AGAIN_MS = 30_000;
/** Devices asked about at once: people have one or two. */
const DEVICES_MAX = 4;

/** Where a question stands. */
export type WhyState =
  | { readonly kind: "nobody" }
  | { readonly kind: "asking"; readonly employeeId: string }
  | { readonly kind: "no-such-employee"; readonly employeeId: string }
  | { readonly kind: "no-device"; readonly employee: Employee }
  | { readonly kind: "failed"; readonly employeeId: string; readonly failure: GraphqlFailure }
  | {
      readonly kind: "answered";
      readonly employee: Employee;
      readonly answers: readonly { readonly device: Device; readonly decision: Decision }[];
      /** By the hub's clock. */
      readonly askedAtMs: number;
    };

/** What asking needs of its page. */
export interface WhyDeps {
  readonly live: {
    readonly request: LiveSession["request"];
    readonly clock: Pick<LiveSession["clock"], "exactMs">;
  };
  /** Locks on the way, street inwards: the first that refuses is the one that counts. */
  readonly locks: () => readonly string[];
}

/** Why somebody was refused, or would be: every check of the hub, for each of the person's devices. */
export class Why {
  state: WhyState = $state.raw({ kind: "nobody" });
  readonly #deps: WhyDeps;
  #asked = 0;
  /** Whether somebody named the employee, instead of the page itself. */
  #isNamed: boolean = $state(false);

  constructor(deps: WhyDeps) {
    this.#deps = deps;
  }

  /** Whom somebody named and who was found: the caller, or who was asked about by hand. Never whom the page proposed. */
  get named(): Employee | undefined {
    return this.#isNamed && this.state.kind === "answered" ? this.state.employee : undefined;
  }

  /** Asks about an employee whom somebody named; a later question overtakes this one. */
  async ask(employeeId: string): Promise<void> {
    await this.#ask(employeeId, true);
  }

  /** Asks about whom the call is likely to be about, as long as nobody was asked about. */
  async propose(employeeId: string): Promise<void> {
    if (this.state.kind === "nobody") await this.#ask(employeeId, false);
  }

  async #ask(employeeId: string, isNamed: boolean): Promise<void> {
    const wanted = employeeId.trim();
    if (wanted.length < EMPLOYEE_ID_CHARACTERS_MIN) return;
    this.#isNamed = isNamed;
    this.#asked += 1;
    const asked = this.#asked;
    const known = this.state;
    const isAgain = known.kind === "answered" && known.employee.externalId === wanted;
    if (!isAgain) this.state = { kind: "asking", employeeId: wanted };
    const answer = await this.#answer(wanted);
    if (asked === this.#asked) this.state = answer;
  }

  /** Asks the same again: something has happened at the doors, or the answer grows old. */
  async again(): Promise<void> {
    const { state } = this;
    if (state.kind === "answered") await this.#ask(state.employee.externalId, this.#isNamed);
    else if (state.kind === "failed" && state.failure.kind !== "forbidden") {
      await this.#ask(state.employeeId, this.#isNamed);
    }
  }

  async #answer(employeeId: string): Promise<WhyState> {
    const { live, locks } = this.#deps;
    const found = await findEmployee(live, employeeId);
    if (!found.ok) return { kind: "failed", employeeId, failure: found.failure };
    const employee = found.value;
    if (employee === undefined) return { kind: "no-such-employee", employeeId };
    const devices = employee.credentials.slice(0, DEVICES_MAX);
    if (devices.length === 0) return { kind: "no-device", employee };
    const answers: { readonly device: Device; readonly decision: Decision }[] = [];
    for (const device of devices) {
      const asked = await this.#decide(device, locks());
      if (!asked.ok) return { kind: "failed", employeeId, failure: asked.failure };
      if (asked.value !== undefined) answers.push({ device, decision: asked.value });
    }
    return { kind: "answered", employee, answers, askedAtMs: live.clock.exactMs() };
  }

  /** The first refusal on the way, or else what the innermost lock says. */
  async #decide(device: Device, locks: readonly string[]) {
    const answers = await Promise.all(
      locks.map((lock) => this.#deps.live.request(DECIDE, { credential: device.id, lock })),
    );
    const failed = answers.find((answer) => !answer.ok);
    if (failed !== undefined && !failed.ok) return failed;
    const decisions = answers.flatMap((answer) => (answer.ok ? [answer.value.decide] : []));
    const value = decisions.find(({ outcome }) => outcome !== "allow") ?? decisions.at(-1);
    return { ok: true as const, value };
  }
}
