/**
 * The text formats of HdrHistogram's viewers: `.hgrm`, the percentile distribution of one histogram, and `.hlog`, a
 * log of histograms over time. Readable values are in milliseconds, encoded histograms in nanoseconds. Written by
 * hdr-histogram-js, except for the rows of a log: see `encoding.ts`.
 */
import { HistogramLogWriter } from "hdr-histogram-js";
import { MILLISECOND } from "../../time/clock.ts";
import { encode } from "./encoding.ts";
import { toHdr } from "./hdr.ts";
import type { Histogram } from "./histogram.ts";

/** Lines per halving of the distance to 100 %; HdrHistogram's default. */
const TICKS_PER_HALF = 5;

/** The percentile distribution, in milliseconds. */
export function hgrmOf(histogram: Histogram): string {
  return toHdr(histogram).outputPercentileDistribution(TICKS_PER_HALF, MILLISECOND);
}

/** One row of a log. */
export interface LogInterval {
  /** Name of the stage, after that of the scenario if there are several. */
  readonly tag: string;
  /** Seconds since the start of the log. */
  readonly from: number;
  readonly until: number;
  readonly histogram: Histogram;
}

/**
 * A histogram log, version 1.3 (HistogramLogWriter.java). Its times are relative to the start, which is given twice:
 * as `StartTime` for people and as `BaseTime` for programs.
 * @param startedAt by the wall clock; only a label
 * @param intervals sorted by time
 * @param comments lines at the top of the file
 */
export function hlogOf(
  startedAt: Date,
  intervals: Iterable<LogInterval>,
  comments: readonly string[] = [],
): string {
  const lines: string[] = [];
  const writer = new HistogramLogWriter((line) => void lines.push(line));
  const epochSeconds = (startedAt.getTime() / 1000).toFixed(3);
  for (const comment of comments) writer.outputComment(` ${comment.replaceAll(/[\r\n]+/g, " ")}`);
  writer.outputLogFormatVersion();
  // Not `outputStartTime`, which adds an empty line and uses the local time zone.
  writer.outputComment(`[StartTime: ${epochSeconds} (seconds since epoch), ${startedAt.toISOString()}]`);
  writer.outputComment(`[BaseTime: ${epochSeconds} (seconds since epoch)]`);
  writer.outputLegend();
  for (const interval of intervals) lines.push(`${rowOf(interval)}\n`);
  return lines.join("");
}

function rowOf({ tag, from, until, histogram }: LogInterval): string {
  // One of the readers splits at spaces as well as at commas.
  const name = tag.replaceAll(/[\s,]+/g, "_");
  // In milliseconds, as HistogramLogWriter.java does; hdr-histogram-js would divide by 1,000.
  const max = toHdr(histogram).maxValue / MILLISECOND;
  const times = [from, until - from, max].map((value) => value.toFixed(3));
  return `Tag=${name},${times.join(",")},${encode(histogram)}`;
}
