import type { GraphQLSchema } from "graphql";
import type { Clock } from "../../kernel/clock.ts";
import type { Caller, Transport } from "../caller.ts";
import { COST_MAX } from "../limits.ts";
import { Quota } from "../quota.ts";
import {
  ALLOWANCE_DEFAULT,
  READ_COST_MIN,
  UNDER_WAY_PER_SOCKET_MAX,
  WRITE_COST_MIN,
  type Allowance,
} from "./allowance.ts";
import { Buckets, type Taken } from "./buckets.ts";
import type { Lane } from "./lane.ts";
import { Precedence } from "./precedence.ts";
import { Quotes, type Asked, type Quote } from "./quotes.ts";

/** Operations end at any moment; a second later there is likely to be room. */
const UNDER_WAY_WAIT_MS = 1_000;

/**
 * Dearest operation that a reserved lane takes; one beyond it is an ordinary one. The dashboard's block with its reach
 * and the locks that are left costs some 40; what asks for more is not only in a hurry.
 */
export const RESERVED_PRICE_MAX = 300;

/** What admission needs. */
export interface AdmissionDeps {
  readonly schema: GraphQLSchema;
  readonly clock: Clock;
  /** Every allowance times this; an operator's setting. */
  readonly factor: number;
  /** Whether a caller could do what a reserved lane is for; the operations of all others are ordinary ones. */
  hasReserved(principal: Caller, lane: Lane): boolean;
}

/** Who asks, and how. */
export interface Asker {
  readonly principal: Caller;
  readonly transport: Transport;
}

/** How a caller's cost stands after an operation. */
export interface CostReport {
  readonly requested: number;
  readonly available: number;
  readonly allowance: Allowance;
}

/** Why an operation was turned away: the limit's name, and how long it is worth waiting. */
export interface TurnedAway {
  readonly ok: false;
  readonly limit: string;
  readonly waitMs: number;
  readonly report: CostReport | undefined;
}

/** An operation that may go on. */
export interface Admitted {
  readonly ok: true;
  /** Its price, where it could be told. */
  readonly price: number | undefined;
  /** Absent for what has a lane of its own. */
  readonly report: CostReport | undefined;
  /** Called once when it has ended. */
  readonly release: () => void;
}

/** Decides which operations of a caller go on: by what they cost, how many are under way, and what lanes they use. */
export class Admission {
  readonly #quotes: Quotes;
  readonly #buckets: Buckets;
  readonly #factor: number;
  readonly #hasReserved: (principal: Caller, lane: Lane) => boolean;
  readonly #underWay = new Quota<string>(ALLOWANCE_DEFAULT.underWay);
  readonly #underWayBySocket = new Quota<object>(UNDER_WAY_PER_SOCKET_MAX);
  readonly #scaled = new WeakMap<Allowance, Allowance>();
  readonly #turnedAway = new Map<string, number>();
  /** Ways in by which something was charged, whatever came of it. */
  readonly #charged = new WeakSet<Transport>();
  readonly #precedence: Precedence;

  constructor({ schema, clock, factor, ...deps }: AdmissionDeps) {
    this.#hasReserved = (principal, lane) => deps.hasReserved(principal, lane);
    this.#precedence = new Precedence(clock);
    this.#quotes = new Quotes(schema);
    this.#buckets = new Buckets(clock);
    this.#factor = factor;
  }

  /** How many operations were turned away since the start, by limit. */
  get turnedAway(): ReadonlyMap<string, number> {
    return this.#turnedAway;
  }

  /** Counts somebody who was turned away. */
  readonly count = (limit: string): void => {
    this.#turnedAway.set(limit, (this.#turnedAway.get(limit) ?? 0) + 1);
  };

  /**
   * Charges a query or mutation and counts it as under way until it is released. What is in a lane that goes first is
   * waited for by others, see `turn`.
   */
  execute(asker: Asker, asked: Asked): Admitted | TurnedAway {
    const quote = this.#quoteFor(asker, asked);
    if (quote.reserved) {
      const charged = this.#charge(asker, quote, () => undefined);
      return charged.ok && quote.first ? { ...charged, release: this.#precedence.begin() } : charged;
    }
    const release = this.#begin(asker);
    if (typeof release === "string") return this.#away({ limit: release, waitMs: UNDER_WAY_WAIT_MS });
    const charged = this.#charge(asker, quote, release);
    if (!charged.ok) release();
    return charged;
  }

  /** Charges a subscription, once for all its events; how many live is limited elsewhere. */
  subscribe(asker: Asker, asked: Asked): Admitted | TurnedAway {
    return this.#charge(asker, this.#quoteFor(asker, asked), () => undefined);
  }

  /** Whether anything that came in this way has been charged. */
  hasCharged(transport: Transport): boolean {
    return this.#charged.has(transport);
  }

  /** Charges what was no valid operation like the cheapest that is; answers why where even that was too much. */
  refuse({ principal, transport }: Asker): TurnedAway | undefined {
    this.#charged.add(transport);
    const allowance = this.#allowanceOf(principal);
    const { ok, available, waitMs } = this.#buckets.take(principal.key, allowance, READ_COST_MIN);
    const report = { requested: READ_COST_MIN, available, allowance };
    return ok ? undefined : this.#away({ limit: "cost", waitMs, report });
  }

  /** Absent when an operation may begin at once; else resolves when it may. */
  turn({ report }: Admitted): Promise<void> | undefined {
    return report !== undefined && this.#precedence.isTaken ? this.#precedence.turn() : undefined;
  }

  /** A lane is reserved for what is cheap, and for those who may. */
  #quoteFor({ principal, transport }: Asker, asked: Asked): Quote {
    this.#charged.add(transport);
    const quote = this.#quotes.of(asked);
    if (!quote.reserved) return quote;
    const { price = Number.POSITIVE_INFINITY } = quote;
    const mayAll = [...quote.lanes.keys()].every((lane) => this.#hasReserved(principal, lane));
    const reserved = price <= RESERVED_PRICE_MAX && !principal.anonymous && mayAll;
    return { ...quote, reserved };
  }

  #begin({ principal, transport }: Asker): (() => void) | string {
    const release = this.#underWay.take(principal.key, this.#allowanceOf(principal).underWay);
    if (release === undefined) return "operations";
    if (transport.kind !== "socket") return release;
    const releaseSocket = this.#underWayBySocket.take(transport, UNDER_WAY_PER_SOCKET_MAX * this.#factor);
    if (releaseSocket === undefined) {
      release();
      return "operationsPerSocket";
    }
    return () => {
      release();
      releaseSocket();
    };
  }

  #charge({ principal }: Asker, quote: Quote, release: () => void): Admitted | TurnedAway {
    let report: CostReport | undefined;
    if (!quote.reserved) {
      const allowance = this.#allowanceOf(principal);
      const requested = costOf(quote);
      const taken = this.#buckets.take(principal.key, allowance, requested);
      report = { requested, available: taken.available, allowance };
      if (!taken.ok) return this.#away({ limit: "cost", waitMs: taken.waitMs, report });
    }
    for (const [lane, times] of quote.lanes) {
      // What goes into a reserved lane among other things is an ordinary part of those.
      if (lane.reserved && !quote.reserved) continue;
      const taken: Taken = this.#buckets.take(`${lane.name} of ${principal.key}`, lane, times);
      if (!taken.ok) return this.#away({ limit: lane.name, waitMs: taken.waitMs, report });
    }
    return { ok: true, price: quote.price, report, release };
  }

  #away({
    limit,
    waitMs,
    report,
  }: {
    readonly limit: string;
    readonly waitMs: number;
    readonly report?: CostReport | undefined;
  }): TurnedAway {
    this.count(limit);
    return { ok: false, limit, waitMs, report };
  }

  #allowanceOf({ allowance = ALLOWANCE_DEFAULT }: Caller): Allowance {
    if (this.#factor === 1) return allowance;
    const known = this.#scaled.get(allowance);
    if (known !== undefined) return known;
    const { capacity, restorePerSecond, underWay } = allowance;
    const factor = this.#factor;
    const scaled = {
      capacity: capacity * factor,
      restorePerSecond: restorePerSecond * factor,
      underWay: underWay * factor,
    };
    this.#scaled.set(allowance, scaled);
    return scaled;
  }
}

/** What an operation is charged. One that is dearer than any may be is refused by its price, and charged no more. */
function costOf({ price = 0, writes }: Quote): number {
  return Math.min(COST_MAX, Math.max(price, writes ? WRITE_COST_MIN : READ_COST_MIN));
}
