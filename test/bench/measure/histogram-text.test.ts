import fc from "fast-check";
import { HistogramLogReader, listTags } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { toHdr } from "../../../src/bench/measure/hdr.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { hgrmOf, hlogOf, type LogInterval } from "../../../src/bench/measure/histogram-text.ts";
import { histogramOf, nanos } from "./values.ts";

const STARTED_AT = new Date("2026-03-01T10:20:30.456Z");

/** All rows that hdr-histogram-js reads from a log. */
function read(log: string) {
  const reader = new HistogramLogReader(log, 64);
  const rows = [];
  for (let row = reader.nextIntervalHistogram(); row !== null; row = reader.nextIntervalHistogram()) {
    rows.push(row);
  }
  return rows;
}

describe("a histogram log", () => {
  it("is read by hdr-histogram-js with its tags, times and counts", () => {
    const interval = fc.record({
      tag: fc.constantFrom("response", "service", "delay"),
      values: fc.array(nanos, { maxLength: 50 }),
    });
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 5 }), (given) => {
        const intervals = given.map(
          ({ tag, values }, i): LogInterval => ({
            tag,
            from: i,
            until: i + 1,
            histogram: histogramOf(values),
          }),
        );
        const log = hlogOf(STARTED_AT, intervals);
        const rows = read(log);
        expect(new Set(listTags(log))).toEqual(new Set(given.map(({ tag }) => tag)));
        expect(rows.length).toBe(intervals.length);
        for (const [i, row] of rows.entries()) {
          const { tag, histogram } = intervals[i] as LogInterval;
          const hdr = toHdr(histogram);
          expect(row.tag).toBe(tag);
          expect(row.startTimeStampMsec).toBeCloseTo(STARTED_AT.getTime() + i * 1000, 3);
          expect(row.endTimeStampMsec - row.startTimeStampMsec).toBeCloseTo(1000, 3);
          expect(row.totalCount).toBe(hdr.totalCount);
          expect(row.outputPercentileDistribution()).toBe(hdr.outputPercentileDistribution());
        }
      }),
      { numRuns: 20 },
    );
  });

  it("has the form of HistogramLogWriter.java, with maxima in milliseconds", () => {
    const log = hlogOf(
      STARTED_AT,
      [{ tag: "response", from: 0.5, until: 2, histogram: histogramOf([1_500_000, 2047]) }],
      ["natscope 0.1.0"],
    );
    expect(log.replace(/HISTF\S+/, "HISTF...")).toBe(
      [
        "# natscope 0.1.0",
        "#[Histogram log format version 1.3]",
        "#[StartTime: 1772360430.456 (seconds since epoch), 2026-03-01T10:20:30.456Z]",
        "#[BaseTime: 1772360430.456 (seconds since epoch)]",
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
        "Tag=response,0.500,1.500,1.500,HISTF...",
        "",
      ].join("\n"),
    );
  });

  it("has one row for each histogram, even with line breaks in tags and comments", () => {
    const log = hlogOf(
      STARTED_AT,
      [{ tag: "my, own\nscenario", from: 0, until: 1, histogram: histogramOf([1]) }],
      ["first\n[BaseTime: 0.000]", "[StartTime: 0.000]"],
    );
    const rows = read(log);
    expect(rows.map(({ tag, startTimeStampMsec }) => [tag, startTimeStampMsec])).toEqual([
      ["my_own_scenario", STARTED_AT.getTime()],
    ]);
  });
});

describe("a percentile distribution", () => {
  /** Rows of value, percentile and count. */
  const rowsOf = (text: string) =>
    text
      .split("\n")
      .filter((line) => /^\s*\d/.test(line))
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);

  it("has the percentiles of hdr-histogram-js in milliseconds", () => {
    fc.assert(
      fc.property(fc.array(nanos, { minLength: 1, maxLength: 300 }), (values) => {
        const histogram = histogramOf(values);
        const hdr = toHdr(histogram);
        const rows = rowsOf(hgrmOf(histogram));
        for (const [value, percentile, count] of rows) {
          expect(hdr.getValueAtPercentile(percentile * 100) / 1e6).toBeLessThanOrEqual(value + 0.0006);
          expect(values.filter((one) => one <= value * 1e6 + 600).length).toBeGreaterThanOrEqual(count);
        }
        const [value, percentile, count] = rows.at(-1) as [number, number, number];
        expect([value, percentile, count]).toEqual([
          Number((hdr.maxValue / 1e6).toFixed(3)),
          1,
          values.length,
        ]);
      }),
      { numRuns: 50 },
    );
  });

  it("has five lines for each halving of the rest, and a footer", () => {
    const text = hgrmOf(histogramOf(Array.from({ length: 10_000 }, (_, i) => (i + 1) * 1000)));
    expect(text.startsWith("       Value     Percentile TotalCount 1/(1-Percentile)\n\n")).toBe(true);
    const shares = rowsOf(text).map(([, share]) => share);
    expect(shares.slice(0, 11)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75]);
    expect(text).toMatch(/#\[Mean {4}= {8}5\.00\d, StdDeviation {3}= {8}2\.88\d\]/);
    expect(text).toMatch(/#\[Max {5}= {7}1\d\.00\d, Total count {4}= {8}10000\]/);
  });

  it("has a header and a footer if nothing was recorded", () => {
    expect(rowsOf(hgrmOf(new Histogram()))).toEqual([]);
    expect(hgrmOf(new Histogram())).toContain("Total count    =            0]");
  });
});
