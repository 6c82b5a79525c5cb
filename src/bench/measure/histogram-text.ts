/**
 * The two texts that HdrHistogram's viewers open: `.hgrm`, the percentile distribution of one histogram, and
 * `.hlog`, a log of histograms over time. Values that a person reads in them are milliseconds; the encoded
 * histograms are nanoseconds, as they were recorded.
 */
import { HistogramLogWriter } from "hdr-histogram-js";
import { MILLISECOND } from "../../time/clock.ts";
import { encode } from "./encoding.ts";
import { toHdr } from "./hdr.ts";
import type { Histogram } from "./histogram.ts";

/** Lines for each halving of the distance to 100 %: HdrHistogram's own choice. */
const TICKS_PER_HALF = 5;

/** The percentile distribution, in milliseconds. */
export function hgrmOf(histogram: Histogram): string {
  return toHdr(histogram).outputPercentileDistribution(TICKS_PER_HALF, MILLISECOND);
}

/** A row of a log. */
export interface LogInterval {
  /** What was timed, a stage's name; with several scenarios the scenario's before it. */
  readonly tag: string;
  /** Seconds since the log's start. */
  readonly from: number;
  readonly until: number;
  readonly histogram: Histogram;
}

/**
 * A histogram log of version 1.3 (HistogramLogWriter.java). Its times count from the start, which it says twice:
 * as `StartTime`, for people, and as `BaseTime`, for readers, which else would have to guess what times mean.
 * @param startedAt by the wall clock: only a label
 * @param intervals in the order of their times
 * @param comments lines for a reader of the file
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
  // Not by `outputStartTime`: it adds an empty line, and writes the time in this machine's zone.
  writer.outputComment(`[StartTime: ${epochSeconds} (seconds since epoch), ${startedAt.toISOString()}]`);
  writer.outputComment(`[BaseTime: ${epochSeconds} (seconds since epoch)]`);
  writer.outputLegend();
  for (const interval of intervals) lines.push(`${rowOf(interval)}\n`);
  return lines.join("");
}

function rowOf({ tag, from, until, histogram }: LogInterval): string {
  // Of the readers, one splits at spaces as well as at commas.
  const name = tag.replaceAll(/[\s,]+/g, "_");
  // In milliseconds, as HistogramLogWriter.java has it of nanoseconds; hdr-histogram-js would divide by 1,000.
  const most = toHdr(histogram).maxValue / MILLISECOND;
  const times = [from, until - from, most].map((value) => value.toFixed(3));
  return `Tag=${name},${times.join(",")},${encode(histogram)}`;
}
