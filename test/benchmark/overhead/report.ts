/** The results of the benchmark as a table. */
import type { SpanCount } from "./measured.ts";
import type { Comparison, Spread } from "./rounds.ts";
import type { Section, Variant } from "./variants.ts";

/** A row with its result. */
export interface Measured {
  readonly variant: Variant;
  readonly comparison: Comparison;
  /** Spans of sampled traces. */
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
  "instrumented",
  "rounds",
  "target",
  "",
];

/** Returns one table, with a title for each section. Ratios are instrumented to raw. */
export function tableOf(measured: readonly Measured[]): string {
  const sections = [...new Set(measured.map(({ variant }) => variant.section))];
  const rows = sections.flatMap((section) => [
    [TITLES[section]],
    ...rowsOf(measured.filter(({ variant }) => variant.section === section)),
  ]);
  return aligned([HEADER, ...rows]);
}

function rowsOf(measured: readonly Measured[]): string[][] {
  const again = measured.find(({ variant }) => variant.instrumentation === "none");
  const noise = again ? Math.abs(again.comparison.cpuRatio.median - 1) : 0;
  return measured.map((one) => rowOf(one, noise));
}

/** @param noise difference from 1 of the median ratio of two equal connections */
function rowOf({ variant, comparison, spans }: Measured, noise: number): string[] {
  const { raw, instrumented, cpuRatio, wallRatio, rounds } = comparison;
  const { target } = variant;
  const verdict = target === undefined ? "" : verdictOf(cpuRatio.median, target, noise);
  const dropped = spans.ended > spans.exported;
  return [
    `  ${variant.name}`,
    cpuRatio.median.toFixed(2),
    rangeOf(cpuRatio),
    wallRatio.median.toFixed(2),
    rangeOf(wallRatio),
    raw.cpuNs.toFixed(0),
    instrumented.cpuNs.toFixed(0),
    String(rounds),
    target === undefined ? "" : `<= ${target}`,
    dropped ? `${verdict} (${spans.ended - spans.exported} of ${spans.ended} spans dropped)` : verdict,
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
