/** The histograms of a saved result, as numbers again. Pure. */
import { decode } from "../measure/encoding.ts";
import type { Histogram } from "../measure/histogram.ts";
import type { StageName } from "../measure/stage.ts";
import { STAGE_NAMES } from "../measure/stage.ts";
import type { ScenarioResult, StageHistograms } from "../result/result.ts";

/** Undefined where nothing was recorded. Throws if it is damaged, which who read the file has to have refused. */
export function recorded(encoded: string | undefined): Histogram | undefined {
  if (encoded === undefined) return undefined;
  const histogram = decode(encoded);
  if (!("counts" in histogram)) throw new Error(`A histogram of the result ${histogram.why}.`);
  return histogram;
}

/** Those that have a count, in the order of the table. */
export function stagesOf(
  histograms: StageHistograms,
): readonly { readonly name: StageName; readonly histogram: Histogram }[] {
  return STAGE_NAMES.flatMap((name) => {
    const histogram = recorded(histograms[name]);
    return histogram && histogram.count > 0 ? [{ name, histogram }] : [];
  });
}

/** When a second of a result ended, in seconds since the run's zero: the last one is a short one. */
export function endOfRow({ window }: ScenarioResult, second: number): number {
  return Math.max(second + 0.001, Math.min(second + 1, window.drained));
}
