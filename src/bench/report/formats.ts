/**
 * Every form of a report, a row each. All are made from a saved result and nothing else: the same file gives the
 * same report, at once or years later. Writing them anywhere is not done here.
 */

import { figuresOf } from "../result/figures.ts";
import type { Result } from "../result/schema.ts";
import { judge, type Threshold } from "../result/threshold.ts";
import { hgrm, hlog } from "./histograms.ts";
import { natsBenchCsv } from "./nats-bench.ts";
import { html } from "./page.ts";
import type { Shown } from "./sections.ts";
import { markdown, text } from "./text.ts";

/** One form. */
export interface Format {
  /** For the help. */
  readonly help: string;
  /** Of a file of this form, with its dot. */
  readonly extension: string;
  write(result: Result, shown: readonly Shown[]): string;
}

/** By the name that is given for it. */
export const FORMATS = {
  text: {
    help: "for a terminal: the verdict, throughput, latency, accounting",
    extension: ".txt",
    write: text,
  },
  md: { help: "the same as Markdown, for an issue or a pull request", extension: ".md", write: markdown },
  json: {
    help: "the result itself, with whole histograms",
    extension: ".json",
    write: (result) => `${JSON.stringify(result, null, 2)}\n`,
  },
  csv: {
    help: "a row for each client, in the columns of nats bench",
    extension: ".csv",
    write: natsBenchCsv,
  },
  html: { help: "one page with charts, that needs nothing else", extension: ".html", write: html },
  hgrm: {
    help: "percentile distributions of each stage, in milliseconds, for HdrHistogram's plotters",
    extension: ".hgrm",
    write: (_, shown) => hgrm(shown),
  },
  hlog: {
    help: "a log of each second's histograms, for HdrHistogram's viewers",
    extension: ".hlog",
    write: hlog,
  },
} as const satisfies Readonly<Record<string, Format>>;

/** Names a form. */
export type FormatName = keyof typeof FORMATS;

/** @param thresholds shown with what they came to, for each scenario; the result is the same without them */
export function render(result: Result, format: FormatName, thresholds: readonly Threshold[] = []): string {
  const { write }: Format = FORMATS[format];
  return write(result, shownOf(result, thresholds));
}

/** Each scenario with its figures, and what thresholds came to. */
export function shownOf(result: Result, thresholds: readonly Threshold[]): readonly Shown[] {
  return result.scenarios.map((one) => {
    const figures = figuresOf(one);
    return { result: one, figures, judgements: judge(thresholds, figures, one.scenario) };
  });
}
