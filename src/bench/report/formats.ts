/**
 * The formats of a report, one row each. A report depends on the saved result alone: the same file gives the same
 * report at any time. Writing it to a file is up to the caller.
 */

import { figuresOf } from "../result/figures.ts";
import type { Result } from "../result/schema.ts";
import { judge, type Threshold } from "../result/threshold.ts";
import { hgrm, hlog } from "./hdr-files.ts";
import { natsBenchCsv } from "./nats-bench.ts";
import { html } from "./page.ts";
import type { Shown } from "./sections.ts";
import { markdown, text } from "./text.ts";

/** A format. */
export interface Format {
  /** One line for the help. */
  readonly help: string;
  /** File extension, with its dot. */
  readonly extension: string;
  write(result: Result, shown: readonly Shown[]): string;
}

/** All formats, by the value of `--format`. */
export const FORMATS = {
  text: {
    help: "for a terminal: verdict, throughput, latency, accounting",
    extension: ".txt",
    write: text,
  },
  md: { help: "the same as Markdown, for an issue or a pull request", extension: ".md", write: markdown },
  json: {
    help: "the whole result, with its histograms",
    extension: ".json",
    write: (result) => `${JSON.stringify(result, null, 2)}\n`,
  },
  csv: {
    help: "one row for each client, in the columns of nats bench",
    extension: ".csv",
    write: natsBenchCsv,
  },
  html: { help: "a self-contained page with charts", extension: ".html", write: html },
  hgrm: {
    help: "percentile distribution of each stage in milliseconds, for HdrHistogram's plotters",
    extension: ".hgrm",
    write: (_, shown) => hgrm(shown),
  },
  hlog: {
    help: "histograms of each second, for HdrHistogram's log viewers",
    extension: ".hlog",
    write: hlog,
  },
} as const satisfies Readonly<Record<string, Format>>;

/** Names a format. */
export type FormatName = keyof typeof FORMATS;

/** The report of a result in a format. @param thresholds shown with their outcome for each scenario */
export function render(result: Result, format: FormatName, thresholds: readonly Threshold[] = []): string {
  const { write }: Format = FORMATS[format];
  return write(result, shownOf(result, thresholds));
}

/** Each scenario with its figures, and the thresholds that apply to it. */
export function shownOf(result: Result, thresholds: readonly Threshold[]): readonly Shown[] {
  return result.scenarios.map((one) => {
    const figures = figuresOf(one);
    return { result: one, figures, judgements: judge(thresholds, figures, one.scenario) };
  });
}
