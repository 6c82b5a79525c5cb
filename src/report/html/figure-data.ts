/** What the charts of a report show, as numbers: made here, drawn in the browser. Pure. */
import { decode } from "../../bench/measure/encoding.ts";
import { percentileOf } from "../../bench/measure/hdr.ts";
import type { Histogram } from "../../bench/measure/histogram.ts";
import type { StageName } from "../../bench/measure/stage.ts";
import { STAGE_NAMES } from "../../bench/measure/stage.ts";
import type { ScenarioResult } from "../../bench/result/result.ts";

/** The charts of one scenario. Times are seconds of the run, latencies milliseconds. */
export interface ChartData {
  readonly title: string;
  /** Latency by how many operations in one are slower: `x` is 1 / (1 - percentile). */
  readonly spectrum: {
    readonly x: readonly number[];
    readonly stages: readonly { readonly name: string; readonly y: readonly (number | null)[] }[];
  };
  /** How many operations of each second fell into each range of latency. */
  readonly heat: {
    readonly stage: string;
    /** Lower bounds, ascending, each a fixed factor from the next. */
    readonly bounds: readonly number[];
    /** `[second, bound's index, count]` of cells that have a count. */
    readonly cells: readonly (readonly [number, number, number])[];
  };
  readonly rates: {
    readonly seconds: readonly number[];
    readonly offered: readonly (number | null)[];
    readonly achieved: readonly number[];
    readonly failed: readonly number[];
  };
  readonly latency: { readonly p50: readonly (number | null)[]; readonly p99: readonly (number | null)[] };
  readonly server: readonly {
    readonly name: string;
    readonly seconds: readonly number[];
    readonly values: readonly (number | null)[];
  }[];
  readonly window: readonly [from: number, until: number];
  readonly events: readonly { readonly second: number; readonly what: string }[];
}

const MILLI = 1e6;
const SPECTRUM = [
  0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985,
  0.99, 0.9925, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99995, 0.99999,
];
/** Ranges of latency in a factor of ten. */
const RANGES = 10;

/** @param title see `titleOf` */
export function chartDataOf(result: ScenarioResult, title: string): ChartData {
  const heatStage: StageName = result.scenario.load.kind === "open" ? "response" : "service";
  const seconds = result.seconds.map(({ stages }) => histogramOf(stages[heatStage]));
  return {
    title,
    spectrum: spectrumOf(result),
    heat: heatOf(heatStage, seconds),
    rates: {
      seconds: result.seconds.map(({ second }) => second),
      offered: result.seconds.map(({ offered }) => offered ?? null),
      achieved: result.seconds.map(({ counters }) => Math.max(counters.completed, counters.received)),
      failed: result.seconds.map(({ counters }) => counters.failed),
    },
    latency: { p50: seconds.map((one) => millis(one, 0.5)), p99: seconds.map((one) => millis(one, 0.99)) },
    server: serverOf(result),
    window: [result.window.from / 1e9, result.window.until / 1e9],
    events: result.events.map(({ second, what }) => ({ second, what })),
  };
}

function histogramOf(text: string | undefined): Histogram | undefined {
  const decoded = text === undefined ? undefined : decode(text);
  return decoded && "counts" in decoded ? decoded : undefined;
}

function millis(histogram: Histogram | undefined, share: number): number | null {
  const nanos = histogram && percentileOf(histogram, share);
  return nanos === undefined ? null : nanos / MILLI;
}

function spectrumOf({ measured }: ScenarioResult): ChartData["spectrum"] {
  const histograms = STAGE_NAMES.flatMap((name) => {
    const histogram = histogramOf(measured[name]);
    return histogram && histogram.count > 0 ? [{ name, histogram }] : [];
  });
  const most = Math.max(0, ...histograms.map(({ histogram }) => histogram.count));
  // A percentile that less than ten samples are beyond says nothing.
  const shares = SPECTRUM.filter((share) => most * (1 - share) >= 10 || share < 0.5);
  return {
    x: shares.map((share) => 1 / (1 - share)),
    stages: histograms.map(({ name, histogram }) => ({
      name,
      // A logarithm has no zero: what is below a hundred nanoseconds is drawn there.
      y: shares.map((share) => Math.max(1e-4, millis(histogram, share) ?? 1e-4)),
    })),
  };
}

function heatOf(stage: string, seconds: readonly (Histogram | undefined)[]): ChartData["heat"] {
  const indexOf = (nanos: number) => Math.floor(Math.log10(Math.max(nanos, 100)) * RANGES);
  const counts = seconds.map((histogram) => {
    const cells = new Map<number, number>();
    for (const { value, count } of histogram?.buckets() ?? []) {
      const index = indexOf(value);
      cells.set(index, (cells.get(index) ?? 0) + count);
    }
    return cells;
  });
  const indices = counts.flatMap((cells) => [...cells.keys()]);
  const least = Math.min(...indices, Number.POSITIVE_INFINITY);
  const length = indices.length > 0 ? indices.reduce((most, one) => Math.max(most, one), 0) - least + 1 : 0;
  return {
    stage,
    bounds: Array.from({ length }, (_, i) => 10 ** ((least + i) / RANGES) / MILLI),
    cells: counts.flatMap((cells, second) =>
      [...cells].map(([index, count]) => [second, index - least, count] as const),
    ),
  };
}

/** Of each server what moves: processor, memory, stalled clients, slow consumers. */
const SHOWN = ["cpu", "mem", "slow_consumers", "stalled_clients"] as const;

function serverOf({ server }: ScenarioResult): ChartData["server"] {
  const names = [...new Set(server.map((one) => one.server))];
  return names.flatMap((name) =>
    SHOWN.flatMap((field) => {
      const rows = server.filter((one) => one.server === name);
      const values = rows.map(({ values: said }) => said[field] ?? null);
      if (values.every((value) => value === null)) return [];
      return [{ name: `${name} ${field}`, seconds: rows.map(({ second }) => second), values }];
    }),
  );
}
