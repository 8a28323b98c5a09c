import { between, type Random } from "../ground/random.ts";
import type { WallClock } from "./clock.ts";
import type { OpenTarget } from "./operations.ts";
import { LOOK_MS, nextStep, PRESSES_MAX, RESEND_FIRST_MS, RESENDS_MAX, RETRY_AFTER_MS_MAX } from "./patience.ts";
import type { Phone, PhoneResult } from "./phone.ts";

/** How a visit's way in ended. */
export interface VisitEnd {
  /** `entered`, or the last state or failure code. */
  readonly outcome: string;
  readonly presses: number;
  /** Times a press was sent again without an answer to the one before. */
  readonly resends: number;
  readonly durationMs: number;
}

interface Deps {
  readonly clock: WallClock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** One way in: presses, looks, presses again, and gives up after a while. */
export async function visit(phone: Phone, target: OpenTarget, deps: Deps): Promise<VisitEnd> {
  const { clock, random, signal } = deps;
  const startedAt = clock.now();
  let resends = 0;
  let outcome = "gaveUp";
  for (let press = 1; press <= PRESSES_MAX; press += 1) {
    const pressed = await pressOnce(phone, target, deps);
    resends += pressed.resends;
    outcome = pressed.result.ok ? pressed.result.value : pressed.result.failure.code;
    const end = { presses: press, resends, durationMs: clock.now() - startedAt };
    const step = nextStep(pressed.result);
    if (step === "enter") return { outcome: "entered", ...end };
    if (step !== "pressAgain" || press === PRESSES_MAX || signal.aborted) return { outcome, ...end };
    await clock.pause(between(random, LOOK_MS.min, LOOK_MS.max), signal);
  }
  return { outcome, presses: PRESSES_MAX, resends, durationMs: clock.now() - startedAt };
}

/** One press: sent again with the same key while nobody knows what became of it, and signed in again once if need be. */
async function pressOnce(
  phone: Phone,
  target: OpenTarget,
  { clock, random, signal }: Deps,
): Promise<{ readonly result: PhoneResult<string>; readonly resends: number }> {
  const key = Buffer.from(random.bytes(16)).toString("base64url");
  let signedIn = false;
  for (let resends = 0; ;) {
    const result = await phone.open(target, key);
    const step = nextStep(result);
    if (step === "signIn" && !signedIn) {
      signedIn = true;
      await phone.forgetSession();
      const ready = await phone.ready();
      if (!ready.ok) return { result: ready, resends };
      continue;
    }
    const askedMs = result.ok ? 0 : result.failure.retryAfterMs;
    const isOver = step !== "sendAgain" || resends >= RESENDS_MAX || askedMs > RETRY_AFTER_MS_MAX || signal.aborted;
    if (isOver) return { result, resends };
    await clock.pause(Math.max(askedMs, RESEND_FIRST_MS * 2 ** resends), signal);
    resends += 1;
  }
}
