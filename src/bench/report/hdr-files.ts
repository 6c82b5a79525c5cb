/** The histograms of a result as `.hgrm` and `.hlog`, the text formats of HdrHistogram's viewers. Pure. */

import { visible } from "../../text/visible.ts";
import { hgrmOf, hlogOf, type LogInterval } from "../measure/histogram-text.ts";
import { endOfSecond, stagesOf } from "../result/histograms.ts";
import type { Result } from "../result/schema.ts";
import { type Shown, titleOf } from "./sections.ts";

/**
 * The percentile distribution of each stage in the window, in milliseconds, one after another. A comment line before
 * each names the stage; for a plotter that expects one distribution per file, split the text at these lines.
 */
export function hgrm(shown: readonly Shown[]): string {
  const parts = shown.flatMap(({ result: { scenario, measured } }) =>
    stagesOf(measured).map(
      ({ name, histogram }) => `#[Tag: ${tagOf(shown, scenario.name, name)}, ms]\n${hgrmOf(histogram)}`,
    ),
  );
  return parts.length > 0 ? parts.join("\n") : "#[Nothing was recorded]\n";
}

/** The histograms of each second, tagged with their stage. With several scenarios, each has its own zero. */
export function hlog(result: Result, shown: readonly Shown[]): string {
  const comments = [
    `natscope ${visible(result.natscope.version)}, values in nanoseconds, Interval_Max in milliseconds`,
    ...shown.map(({ result: { scenario } }) => visible(titleOf(scenario))),
    ...(shown.length > 1 ? ["Times start at the beginning of each scenario."] : []),
  ];
  return hlogOf(new Date(result.startedAt), intervalsOf(shown), comments);
}

/** Generated one by one: the histograms of a long run do not fit into memory. */
function* intervalsOf(shown: readonly Shown[]): Generator<LogInterval> {
  for (const { result } of shown) {
    for (const { second, stages } of result.seconds) {
      for (const { name, histogram } of stagesOf(stages)) {
        yield {
          tag: tagOf(shown, result.scenario.name, name),
          from: second,
          until: endOfSecond(second, result.window),
          histogram,
        };
      }
    }
  }
}

function tagOf(shown: readonly Shown[], scenario: string, stage: string): string {
  return shown.length > 1 ? `${visible(scenario)}/${stage}` : stage;
}
