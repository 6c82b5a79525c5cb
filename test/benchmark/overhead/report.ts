/** The benchmark's figures as a table. */
import type { SpanCount } from "./measured.ts";
import type { Comparison, Spread } from "./rounds.ts";
import type { Section, Variant } from "./variants.ts";

/** A row and what was measured. */
export interface Measured {
  readonly variant: Variant;
  readonly comparison: Comparison;
  /** Of sampled traces. */
  readonly spans: SpanCount;
}

const TITLES: Readonly<Record<Section, string>> = {
  publish: "Publishing 128 bytes",
  delivery: "Delivery of 128 bytes to a callback",
  request: "Requests, 128 in flight",
};

const HEADER = [
  "",
  "CPU",
  "(min - max)",
  "wall",
  "(min - max)",
  "raw CPU ns",
  "observed",
  "rounds",
  "target",
  "",
];

/** One table, with a title for each section. Ratios are observed by raw. */
export function tableOf(measured: readonly Measured[]): string {
  const sections = [...new Set(measured.map(({ variant }) => variant.section))];
  const rows = sections.flatMap((section) => [
    [TITLES[section]],
    ...rowsOf(measured.filter(({ variant }) => variant.section === section)),
  ]);
  return aligned([HEADER, ...rows]);
}

function rowsOf(measured: readonly Measured[]): string[][] {
  const again = measured.find(({ variant }) => variant.observing === "nobody");
  const noise = again ? Math.abs(again.comparison.cpuRatio.median - 1) : 0;
  return measured.map((one) => rowOf(one, noise));
}

/** @param noise by how much the median of two equal things missed 1 */
function rowOf({ variant, comparison, spans }: Measured, noise: number): string[] {
  const { raw, observed, cpuRatio, wallRatio, rounds } = comparison;
  const { target } = variant;
  const verdict = target === undefined ? "" : verdictOf(cpuRatio.median, target, noise);
  const lost = spans.ended > spans.exported;
  return [
    `  ${variant.name}`,
    cpuRatio.median.toFixed(2),
    rangeOf(cpuRatio),
    wallRatio.median.toFixed(2),
    rangeOf(wallRatio),
    raw.cpuNs.toFixed(0),
    observed.cpuNs.toFixed(0),
    String(rounds),
    target === undefined ? "" : `<= ${target}`,
    lost ? `${verdict} (${spans.ended - spans.exported} of ${spans.ended} spans dropped)` : verdict,
  ];
}

function verdictOf(ratio: number, target: number, noise: number): string {
  if (ratio <= target) return "held";
  return ratio - noise <= target ? `held, within noise of ${noise.toFixed(2)}` : "missed";
}

function rangeOf({ min, max }: Spread): string {
  return `(${min.toFixed(2)} - ${max.toFixed(2)})`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) =>
    Math.max(...rows.filter((row) => row.length > 1).map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] as number;
          return column === 0 || column === HEADER.length - 1 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
