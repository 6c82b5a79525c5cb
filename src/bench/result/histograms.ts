/** Histograms of a saved result, decoded. */
import { decode } from "../measure/encoding.ts";
import { mergeAll } from "../measure/hdr.ts";
import type { Histogram } from "../measure/histogram.ts";
import { STAGE_NAMES, type StageName } from "../measure/stage.ts";
import type { SavedSecond, ScenarioResult, StageHistograms } from "./schema.ts";

/** A decoded histogram; undefined if nothing was recorded. Throws if it is damaged, which `readResult` refuses. */
export function recorded(encoded: string | undefined): Histogram | undefined {
  if (encoded === undefined) return undefined;
  const histogram = decode(encoded);
  if (!("counts" in histogram)) throw new Error(`A histogram of the result ${histogram.why}.`);
  return histogram;
}

/** Histograms that have a value, in the order of `STAGES`. */
export function stagesOf(
  histograms: StageHistograms,
): readonly { readonly name: StageName; readonly histogram: Histogram }[] {
  return STAGE_NAMES.flatMap((name) => {
    const histogram = recorded(histograms[name]);
    return histogram && histogram.count > 0 ? [{ name, histogram }] : [];
  });
}

/** One stage of several seconds, merged one after another: ten thousand histograms do not fit into memory. */
export function mergedStage(seconds: readonly Pick<SavedSecond, "stages">[], stage: StageName): Histogram {
  return mergeAll(decodedOneByOne(seconds, stage));
}

function* decodedOneByOne(
  seconds: readonly Pick<SavedSecond, "stages">[],
  stage: StageName,
): Generator<Histogram> {
  for (const { stages } of seconds) {
    const histogram = recorded(stages[stage]);
    if (histogram) yield histogram;
  }
}

/** The end of a saved second, in seconds since the run's zero: the last second of a run is shorter. */
export function endOfSecond(second: number, { drained }: ScenarioResult["window"]): number {
  return Math.max(second + 0.001, Math.min(second + 1, drained));
}
