/** The result of a scrape, parsed strictly, with lookups by name and labels. */
import { type ReadFamily, type ReadSample, readExposition } from "../exposition-validator.ts";

export type { ReadFamily, ReadSample };
export type Labels = ReadSample["labels"];

/** Prometheus text 0.0.4. The constructor throws if the text is not valid. */
export class Exposition {
  readonly text: string;
  readonly families: ReadonlyMap<string, ReadFamily>;

  constructor(text: string) {
    this.text = text;
    const families = readExposition(Buffer.from(text), "prometheus-text");
    this.families = new Map(families.map((family) => [family.name, family]));
  }

  /** Returns the samples of a metric whose labels include these; an empty list if the metric is absent. */
  samples(name: string, labels: Labels = {}): readonly ReadSample[] {
    const wanted = Object.entries(labels);
    return (this.families.get(name)?.samples ?? []).filter((sample) =>
      wanted.every(([label, value]) => sample.labels[label] === value),
    );
  }

  /**
   * Returns the value of the only series with these labels; undefined if there is no such series. Throws if
   * several match.
   */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.samples(name, labels);
    if (found.length > 1) throw new Error(`${found.length} series ${name} have ${JSON.stringify(labels)}`);
    return found[0]?.value;
  }

  /** Returns the sorted identities (name and labels) of all series, without the labels in `without`. */
  identities(without: readonly string[] = []): string[] {
    const all = [...this.families.values()].flatMap(({ samples }) => samples);
    return [...new Set(all.map((sample) => identity(sample, without)))].sort();
  }
}

/** Returns `name{a="1",b="2"}` with the labels in alphabetical order. */
export function identity(
  { name, labels }: Omit<ReadSample, "value">,
  without: readonly string[] = [],
): string {
  const kept = Object.entries(labels).filter(([label]) => !without.includes(label));
  const text = kept
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${text.join(",")}}`;
}
