import { fraction, type Random } from "../ground/random.ts";
import type { WallClock } from "./clock.ts";
import { isNight, nextErrand } from "./errand.ts";
import type { OpenablePath } from "./operations.ts";
import type { Phone } from "./phone.ts";
import { visit } from "./visit.ts";

/** A line of progress. */
export type Told = (line: Readonly<Record<string, unknown>> & { readonly event: string }) => void;

/** A carer with a phone that is signed in. */
export interface Carer {
  readonly phone: Phone;
  /** Walks by night. */
  readonly night: boolean;
}

interface Deps {
  readonly clock: WallClock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly tell: Told;
  /** Openings a minute, all carers together. */
  readonly ratePerMinute: number;
  /** Ends the rounds after so many errands. */
  readonly errandsMax: number;
}

/** Once in so many errands it is somebody without a right of their own who tries. */
const WITHOUT_PATHS_SHARE = 0.04;

interface Walk {
  readonly carer: Carer;
  paths: readonly OpenablePath[];
  next: number;
}

/** Carers on their rounds: each walks one errand at a time, and all together keep to the rate. */
export class Rounds {
  readonly #deps: Deps;
  readonly #walks: readonly Walk[];
  readonly #busy = new Map<Walk, Promise<void>>();

  constructor(carers: readonly Carer[], deps: Deps) {
    this.#walks = carers.map((carer) => ({ carer, paths: [], next: 0 }));
    this.#deps = deps;
  }

  /** Walks until the signal aborts or the last errand is done; waits for visits under way. */
  async walk(): Promise<void> {
    const { clock, random, signal, ratePerMinute, errandsMax } = this.#deps;
    await Promise.all(this.#walks.map((walk) => this.#learnPaths(walk)));
    for (let errands = 0; errands < errandsMax && !signal.aborted;) {
      // Openings come as people do: independent of each other.
      await clock.pause((-Math.log(1 - fraction(random)) * 60_000) / ratePerMinute, signal);
      if (!signal.aborted && this.#start()) errands += 1;
    }
    await Promise.all(this.#busy.values());
  }

  #start(): boolean {
    const night = isNight(this.#deps.clock.now());
    const walk = this.#choose(night);
    if (walk === undefined) return false;
    const done = this.#errand(walk, night)
      .catch((cause: unknown) => this.#deps.tell({ event: "visitFailed", reason: String(cause) }))
      .finally(() => this.#busy.delete(walk));
    this.#busy.set(walk, done);
    return true;
  }

  #choose(night: boolean): Walk | undefined {
    const { random } = this.#deps;
    const free = this.#walks.filter((walk) => !this.#busy.has(walk));
    const withoutPaths = free.filter(({ paths }) => paths.length === 0);
    const walking = free.filter(({ paths, carer }) => paths.length > 0 && carer.night === night);
    const others = free.filter(({ paths }) => paths.length > 0);
    const regular = walking.length > 0 ? walking : others;
    const group = regular.length === 0 || fraction(random) < WITHOUT_PATHS_SHARE ? withoutPaths : regular;
    const chosen = group.length > 0 ? group : regular;
    return chosen[Math.floor(fraction(random) * chosen.length)];
  }

  async #errand(walk: Walk, night: boolean): Promise<void> {
    const { random, tell } = this.#deps;
    const ready = await walk.carer.phone.ready();
    if (!ready.ok) return tell({ event: "notSignedIn", employee: walk.carer.phone.employee, code: ready.failure.code });
    if (walk.next >= walk.paths.length) await this.#learnPaths(walk);
    const own = walk.paths[walk.next];
    walk.next += 1;
    const strangers = this.#walks.flatMap((other) => (other === walk ? [] : other.paths));
    const errand = nextErrand(own, strangers, { random, night });
    if (errand === undefined) return;
    const { phone } = walk.carer;
    const end = await visit(phone, errand.target, this.#deps);
    tell({ event: "visit", employee: phone.employee, errand: errand.kind, ...errand.target, ...end });
  }

  /** Asks the hub anew where the carer may go, and starts the round somewhere in it. */
  async #learnPaths(walk: Walk): Promise<void> {
    const { random, tell } = this.#deps;
    const { phone } = walk.carer;
    const paths = await phone.paths();
    if (!paths.ok) return tell({ event: "noPaths", employee: phone.employee, code: paths.failure.code });
    const at = Math.floor(fraction(random) * paths.value.length);
    walk.paths = [...paths.value.slice(at), ...paths.value.slice(0, at)];
    walk.next = 0;
  }
}
