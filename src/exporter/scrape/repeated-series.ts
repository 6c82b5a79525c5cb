/**
 * Series already exposed in a scrape, for metrics without natscope's own `server` label. Two servers with the same
 * name (two clusters may each have an `n1`) would produce the same series twice, and Prometheus would keep an
 * arbitrary one. The first server keeps the series; repetitions are dropped and counted.
 */
import { type Family, type LabelText, Samples } from "../../metrics/family.ts";

export class RepeatedSeries {
  readonly #byMetric = new Map<string, Set<LabelText>>();

  /** The families without repeated series, and the number of series dropped. */
  unseen(families: readonly Family[]): { families: Family[]; dropped: number } {
    let dropped = 0;
    const unseen = families.map(({ metric, columns }) => {
      const kept = columns.map((samples) => {
        const own = new Samples(samples.suffix);
        const seen = this.#seenOf(metric.name + samples.suffix);
        samples.labels.forEach((labels, i) => {
          if (seen.has(labels)) dropped++;
          else own.add(labels, samples.values[i] as number);
        });
        return own;
      });
      for (const { suffix, labels } of kept) {
        const seen = this.#seenOf(metric.name + suffix);
        for (const text of labels) seen.add(text);
      }
      return { metric, columns: kept };
    });
    return { families: unseen, dropped };
  }

  #seenOf(name: string): Set<LabelText> {
    let seen = this.#byMetric.get(name);
    if (!seen) {
      seen = new Set();
      this.#byMetric.set(name, seen);
    }
    return seen;
  }
}
