/** The histograms of a result in HdrHistogram's two texts. Pure. */

import { visible } from "../../text/visible.ts";
import type { Histogram } from "../measure/histogram.ts";
import { hgrmOf, hlogOf, type LogInterval } from "../measure/histogram-text.ts";
import { endOfSecond, stagesOf } from "../result/histograms.ts";
import type { Result } from "../result/schema.ts";
import { type Shown, titleOf } from "./sections.ts";

/**
 * The distribution of each stage in the window, in milliseconds, one after another; a comment line before each
 * says which. A plotter that wants one distribution in a file gets one by cutting at those lines.
 */
export function hgrm(shown: readonly Shown[]): string {
  const parts = shown.flatMap(({ result: { scenario, measured } }) =>
    stagesOf(measured).map(
      ({ name, histogram }) => `#[Tag: ${tagOf(shown, scenario.name, name)}, ms]\n${hgrmOf(histogram)}`,
    ),
  );
  return parts.length > 0 ? parts.join("\n") : "#[Nothing was recorded]\n";
}

/** Each second's histograms, tagged with their stage. Of several scenarios each has its own zero. */
export function hlog(result: Result, shown: readonly Shown[]): string {
  const comments = [
    `natscope ${visible(result.natscope.version)}, values in nanoseconds, Interval_Max in milliseconds`,
    ...shown.map(({ result: { scenario } }) => visible(titleOf(scenario))),
    ...(shown.length > 1 ? ["Times count from the beginning of each scenario."] : []),
  ];
  return hlogOf(new Date(result.startedAt), intervalsOf(shown), comments);
}

/** One after another, so that a long run's histograms need not all be in memory. */
function* intervalsOf(shown: readonly Shown[]): Generator<LogInterval> {
  for (const { result } of shown) {
    for (const { second, stages } of result.seconds) {
      for (const { name, histogram } of stagesOf(stages)) {
        yield intervalOf(
          tagOf(shown, result.scenario.name, name),
          second,
          endOfSecond(second, result.window),
          histogram,
        );
      }
    }
  }
}

function intervalOf(tag: string, from: number, until: number, histogram: Histogram): LogInterval {
  return { tag, from, until, histogram };
}

function tagOf(shown: readonly Shown[], scenario: string, stage: string): string {
  return shown.length > 1 ? `${visible(scenario)}/${stage}` : stage;
}
