/**
 * Series of several servers under names that have no `server` label of ours. If two servers go by one name
 * there (two clusters may each have an `n1`), the same series would stand twice in an exposition, and
 * Prometheus would believe either. The first server keeps it; the others' are dropped and counted.
 */
import { type Family, type LabelText, Samples } from "../../metrics/family.ts";

export class RepeatedSeries {
  readonly #byMetric = new Map<string, Set<LabelText>>();

  /** The families without the series that were seen before, and how many those are. */
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
