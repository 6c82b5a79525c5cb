/** Confidence intervals of a scenario's percentiles, from the histograms of its seconds. Pure. */
import { PERCENTILE_NAMES, PERCENTILES, type PercentileName } from "../measure/hdr.ts";
import { STAGE_NAMES, type StageName } from "../measure/stage.ts";
import type { Figures, StageFigures } from "./figures.ts";
import { recorded } from "./histograms.ts";
import type { SavedSecond, ScenarioResult } from "./schema.ts";
import { type Interval, MIN_GROUPS, percentileIntervals } from "./statistics/bootstrap.ts";

/** Intervals of one stage; a percentile without one is absent. */
type StageIntervals = Readonly<Partial<Record<PercentileName, Interval>>>;

/** Maximum length of a window, so that a report does not decode hours of histograms. */
const MAX_SECONDS = 600;
/** Minimum share of the stage's samples that the whole seconds of the window contain. */
const MIN_SHARE = 0.8;
/** The same result has the same intervals in every report. */
const SEED = 1;

/**
 * Intervals by stage. Absent for a stage if the window has fewer than 10 or more than 600 whole seconds with
 * histograms, or if many of its operations ended after the window; absent for a percentile that is not reported.
 */
export function intervalsOf(
  result: Pick<ScenarioResult, "seconds" | "window">,
  { stages }: Pick<Figures, "stages">,
): Readonly<Partial<Record<StageName, StageIntervals>>> {
  const { from, until } = result.window;
  const seconds = result.seconds.filter(
    ({ second }) => second >= from - EPSILON && second + 1 <= until + EPSILON,
  );
  if (seconds.length < MIN_GROUPS || seconds.length > MAX_SECONDS) return {};
  return Object.fromEntries(
    STAGE_NAMES.flatMap((name) => {
      const figures = stages[name];
      const intervals = figures && stageIntervals(seconds, name, figures);
      return intervals ? [[name, intervals]] : [];
    }),
  );
}

/** A window that should begin or end with a second may do so a few milliseconds before or after it. */
const EPSILON = 0.05;

function stageIntervals(
  seconds: readonly SavedSecond[],
  stage: StageName,
  figures: StageFigures,
): StageIntervals | undefined {
  const histograms = seconds.flatMap(({ stages }) => recorded(stages[stage]) ?? []);
  const samples = histograms.reduce((sum, { count }) => sum + count, 0);
  if (samples < MIN_SHARE * figures.count) return undefined;
  const names = PERCENTILE_NAMES.filter((name) => figures[name] !== undefined);
  const intervals = percentileIntervals(
    histograms,
    names.map((name) => PERCENTILES[name]),
    { seed: SEED },
  );
  if (!intervals) return undefined;
  const found = names.flatMap((name, i) => {
    const interval = intervals[i] as Interval;
    const value = figures[name] as number;
    // The seconds are no sample of the window's operations if many ended later.
    return interval.from <= value && value <= interval.until ? [[name, interval]] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}
