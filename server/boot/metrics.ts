import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A figure read when it is asked for. Labels and values hold no ids and no personal data. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  /** A `count` only grows until the process ends; a `level` moves both ways. */
  readonly kind: "count" | "level";
  readonly read: () => number | ReadonlyMap<string, number>;
  /** Name of the label that a map's keys are values of. */
  readonly label?: string;
}

/** From a lock that heard at once to one that slept through the longest heartbeat, in seconds. */
const PROOF_SECONDS = [1, 2, 3, 5, 10, 15, 30, 60, 180, 900, 3_600];

/** What a hub tells Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #proofs = new Histogram({
    name: "portner_block_proof_seconds",
    help: "Seconds from a block to each lock's proof that it holds it. In effect on every hub it is at its commit.",
    buckets: PROOF_SECONDS,
    registers: [this.#registry],
  });

  constructor(figures: readonly Figure[]) {
    for (const figure of figures) this.#registry.registerMetric(collectorOf(figure));
  }

  /** A lock has proven to hold a block. */
  observeProof(seconds: number): void {
    this.#proofs.observe(seconds);
  }

  /** All figures now, in Prometheus's text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function collectorOf({ name, help, kind, read, label }: Figure): Counter | Gauge {
  const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [] };
  const values = (): [Record<string, string>, number][] => {
    const value = read();
    if (typeof value === "number") return [[{}, Number.isFinite(value) ? value : -1]];
    return [...value].map(([key, count]) => [{ [label ?? "kind"]: key }, count]);
  };
  if (kind === "level") {
    return new Gauge({
      ...options,
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.set(labels, value);
      },
    });
  }
  return new Counter({
    ...options,
    collect() {
      this.reset();
      for (const [labels, value] of values()) this.inc(labels, value);
    },
  });
}
