/**
 * The numbers of a report's charts, which the browser draws. Pure. Their size is bounded: the seconds of a long run are
 * merged into columns.
 */

import { visible } from "../../../text/visible.ts";
import { percentileOf } from "../../measure/hdr.ts";
import type { Histogram } from "../../measure/histogram.ts";
import type { StageName } from "../../measure/stage.ts";
import { achievedRate, endedIn } from "../../result/figures.ts";
import { mergedStage, stagesOf } from "../../result/histograms.ts";
import type { SavedSecond, ScenarioResult } from "../../result/schema.ts";
import { trustIn } from "../../result/statistics/enough-samples.ts";

/** The charts of one scenario. Times are seconds since the run's zero, latencies milliseconds. */
export interface ChartData {
  /** Latency by percentile: `x` is 1 / (1 - percentile), so that one in `x` operations is slower. */
  readonly spectrum: {
    readonly x: readonly number[];
    readonly stages: readonly { readonly name: string; readonly y: readonly (number | null)[] }[];
  };
  /** Seconds per column, and the beginning of each column. All lines have one value per column. */
  readonly step: number;
  readonly seconds: readonly number[];
  /** Number of operations in each range of latency, for each column. */
  readonly heat: {
    readonly stage: string;
    /** Lower bounds of the ranges, ascending by a fixed factor. */
    readonly bounds: readonly number[];
    /** `[column, index of the bound, count]` for each cell with a count. */
    readonly cells: readonly (readonly [number, number, number])[];
  };
  readonly latency: { readonly p50: Line; readonly p99: Line };
  /** Operations per second. */
  readonly rates: { readonly offered: Line; readonly achieved: Line; readonly failed: Line };
  readonly server: readonly ServerChart[];
  readonly window: readonly [from: number, until: number];
  readonly events: readonly { readonly second: number; readonly what: string }[];
}

/** One value of every server. */
interface ServerChart {
  readonly what: string;
  readonly servers: readonly { readonly name: string; readonly values: Line }[];
}

/** Values by column; null if nothing was measured. */
export type Line = readonly (number | null)[];

const MILLI = 1e6;
const SPECTRUM = [
  0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985,
  0.99, 0.9925, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99995, 0.99999, 0.999999,
];
/** Lower latencies are drawn at this value, because a logarithmic axis has no zero. */
const MIN_NANOS = 100;
/** Ranges of latency per factor of ten. */
const RANGES = 10;
/** Maximum number of columns: more are not visible on a screen. */
const MAX_COLUMNS = 300;
const MAX_EVENTS = 50;
const MAX_SERVERS = 7;

/** Computes the numbers of all charts of a scenario. */
export function chartDataOf(result: ScenarioResult): ChartData {
  const step = Math.max(1, Math.ceil(result.seconds.length / MAX_COLUMNS));
  const columns = columnsOf(result.seconds, step);
  const stage: StageName = result.scenario.load.kind === "open" ? "response" : "service";
  const perSecond = (of: (second: SavedSecond) => number): Line =>
    columns.map((rows) => tidy(rows.reduce((sum, second) => sum + of(second), 0) / rows.length));
  const isOpen = result.seconds.some(({ offered }) => offered !== undefined);
  return {
    spectrum: spectrumOf(result),
    step,
    seconds: columns.map(([first]) => (first as SavedSecond).second),
    ...heatOf(stage, columns),
    rates: {
      offered: isOpen ? perSecond(({ offered = 0 }) => offered) : columns.map(() => null),
      achieved: columns.map((rows) => tidy(achievedRate(endedIn(rows, result.scenario), rows.length))),
      failed: perSecond(({ counters }) => counters.failed),
    },
    server: serversOf(result, columns),
    window: [result.window.from, result.window.until],
    events: result.events.slice(0, MAX_EVENTS).map(({ second, what }) => ({ second, what: visible(what) })),
  };
}

type Column = readonly SavedSecond[];

function columnsOf(seconds: readonly SavedSecond[], step: number): readonly Column[] {
  return Array.from({ length: Math.ceil(seconds.length / step) }, (_, i) =>
    seconds.slice(i * step, (i + 1) * step),
  );
}

function millis(histogram: Histogram, share: number): number | null {
  const nanos = percentileOf(histogram, share);
  return nanos === undefined ? null : tidy(Math.max(MIN_NANOS, nanos) / MILLI);
}

/** Rounds to six digits, more than were measured. */
function tidy(value: number): number {
  return Number(value.toPrecision(6));
}

function spectrumOf({ measured }: ScenarioResult): ChartData["spectrum"] {
  const stages = stagesOf(measured);
  // Percentiles with too few samples are left out, except up to the median.
  const isReported = (share: number, count: number) => share <= 0.5 || trustIn(share, count) !== "refused";
  const counted = stages.map(({ name, histogram }) => ({ name, histogram, count: histogram.count }));
  const shares = SPECTRUM.filter((share) => counted.some(({ count }) => isReported(share, count)));
  return {
    x: shares.map((share) => tidy(1 / (1 - share))),
    stages: counted.map(({ name, histogram, count }) => ({
      name,
      y: shares.map((share) => (isReported(share, count) ? millis(histogram, share) : null)),
    })),
  };
}

function heatOf(stage: StageName, columns: readonly Column[]): Pick<ChartData, "heat" | "latency"> {
  const cells: [number, number, number][] = [];
  const p50: (number | null)[] = [];
  const p99: (number | null)[] = [];
  for (const [at, rows] of columns.entries()) {
    const histogram = mergedStage(rows, stage);
    for (const [index, count] of rangesOf(histogram)) cells.push([at, index, count]);
    p50.push(millis(histogram, 0.5));
    p99.push(millis(histogram, 0.99));
  }
  const indices = cells.map(([, index]) => index);
  const lowest = indices.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const highest = indices.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  return {
    heat: {
      stage,
      bounds: Array.from({ length: cells.length > 0 ? highest - lowest + 1 : 0 }, (_, i) =>
        tidy(10 ** ((lowest + i) / RANGES) / MILLI),
      ),
      cells: cells.map(([at, index, count]) => [at, index - lowest, count]),
    },
    latency: { p50, p99 },
  };
}

/** Counts by the index of their range. */
function rangesOf(histogram: Histogram): ReadonlyMap<number, number> {
  const ranges = new Map<number, number>();
  for (const { value, count } of histogram.buckets()) {
    const index = Math.floor(Math.log10(Math.max(value, MIN_NANOS)) * RANGES + 1e-9);
    ranges.set(index, (ranges.get(index) ?? 0) + count);
  }
  return ranges;
}

/** Values of a server that may explain a latency. Counters are drawn from their first value on. */
const SHOWN: readonly {
  readonly field: string;
  readonly what: string;
  readonly scale: number;
  readonly counts: "now" | "since";
}[] = [
  { field: "cpu", what: "processor (%)", scale: 1, counts: "now" },
  { field: "mem", what: "memory (MiB)", scale: 2 ** -20, counts: "now" },
  { field: "slow_consumers", what: "slow consumers cut", scale: 1, counts: "since" },
  { field: "stalled_clients", what: "publishers stalled", scale: 1, counts: "since" },
];

function serversOf({ server }: ScenarioResult, columns: readonly Column[]): readonly ServerChart[] {
  const names = [...new Set(server.map((one) => one.server))].slice(0, MAX_SERVERS);
  return SHOWN.flatMap(({ field, what, scale, counts }) => {
    const servers = names.flatMap((name) => {
      const rows = server.filter((one) => one.server === name && one.values[field] !== undefined);
      const first = counts === "since" ? (rows[0]?.values[field] ?? 0) : 0;
      const bySecond = new Map(
        rows.map(({ second, values }) => [Math.floor(second), values[field] as number]),
      );
      const values = columns
        .map((column) => lastOf(column, bySecond))
        .map((value) => (value === null ? null : tidy((value - first) * scale)));
      const hasALine = values.some((value) => value !== null && (counts === "now" || value !== 0));
      return hasALine ? [{ name: visible(name), values }] : [];
    });
    return servers.length > 0 ? [{ what, servers }] : [];
  });
}

/** The last value in a column of several seconds. */
function lastOf(column: Column, bySecond: ReadonlyMap<number, number>): number | null {
  return column.reduce<number | null>((last, { second }) => bySecond.get(second) ?? last, null);
}
