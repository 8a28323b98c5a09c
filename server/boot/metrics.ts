import { Gauge, Registry } from "prom-client";

/** A figure read when it is asked for. Labels and values hold no ids and no personal data. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly read: () => number | ReadonlyMap<string, number>;
  /** Name of the label that a map's keys are values of. */
  readonly label?: string;
}

/** A text of all figures in Prometheus's format, read at each call. */
export function createMetrics(figures: readonly Figure[]): () => Promise<string> {
  const registry = new Registry();
  for (const { name, help, read, label } of figures) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [],
      collect() {
        const value = read();
        if (typeof value === "number") return this.set(Number.isFinite(value) ? value : -1);
        for (const [key, count] of value) this.set({ [label ?? "kind"]: key }, count);
      },
    });
    registry.registerMetric(gauge);
  }
  return () => registry.metrics();
}
