/**
 * Metrics of a run while it continues: the events of a benchmark, as families for each scrape. Only sums of finished
 * seconds are kept, so a long run takes no more memory than a short one.
 */
import { type Family, family, labelText, Samples } from "../../metrics/family.ts";
import { SECOND } from "../../time/clock.ts";
import { percentileOf } from "../measure/hdr.ts";
import { COUNTERS } from "../measure/recorder.ts";
import { trustIn } from "../result/statistics/enough-samples.ts";
import type { ProgressReporter } from "../runner/progress-reporter.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { LiveScenario } from "./live-scenario.ts";
import { BOUNDARIES, type StageTotals } from "./stage-totals.ts";
import { COUNTER_METRICS, type LiveMetric, RUN_METRICS } from "./table.ts";

const QUANTILES = [0.5, 0.9, 0.99, 0.999];

type Listener = Required<ProgressReporter>;

/** Covers all scenarios from the start, including those that have not begun. */
export class LiveMetrics implements Listener {
  readonly #byName: ReadonlyMap<string, LiveScenario>;

  /** @param scenarios of the benchmark; their names are label values, so their number limits the series */
  constructor(scenarios: readonly Scenario[]) {
    this.#byName = new Map(scenarios.map((scenario) => [scenario.name, new LiveScenario(scenario)]));
  }

  readonly began: Listener["began"] = ({ name }, clock) => this.#byName.get(name)?.began(clock);
  readonly second: Listener["second"] = ({ name }, second) => this.#byName.get(name)?.second(second);
  readonly event: Listener["event"] = ({ name }, { kind }) => this.#byName.get(name)?.event(kind);
  readonly phase: Listener["phase"] = (phase, { name }) => {
    if (phase === "done") this.#byName.get(name)?.done();
  };

  /** Returns the families as of the last second of each scenario. */
  families(): readonly Family[] {
    const all = [...this.#byName.values()];
    /** One sample for each scenario that has a value. */
    const each = (metric: LiveMetric, of: (one: LiveScenario) => number | undefined) =>
      family(metric, (samples) => {
        for (const one of all) {
          const value = of(one);
          if (value !== undefined) samples.add(labelText(metric.labels, [one.scenario.name]), value);
        }
      });
    return [
      family(RUN_METRICS.info, (samples) => {
        for (const { scenario } of all) samples.add(factsOf(scenario), 1);
      }),
      each(RUN_METRICS.running, ({ isRunning }) => Number(isRunning)),
      each(RUN_METRICS.progress, ({ progress }) => progress),
      each(RUN_METRICS.offered, ({ offered }) => offered),
      ...COUNTERS.map((name) => each(COUNTER_METRICS[name], ({ counters }) => counters[name])),
      { metric: RUN_METRICS.stages, columns: all.flatMap(totalColumns) },
      family(RUN_METRICS.lastSecond, (samples) => {
        for (const one of all) addQuantiles(samples, one);
      }),
      family(RUN_METRICS.events, (samples) => {
        for (const { scenario, events } of all) {
          for (const [kind, count] of events) {
            samples.add(labelText(RUN_METRICS.events.labels, [scenario.name, kind]), count);
          }
        }
      }),
    ];
  }
}

function factsOf({ name, workload, load }: Scenario): string {
  return labelText(RUN_METRICS.info.labels, [name, workload, load.kind]);
}

function totalColumns({ scenario, stages }: LiveScenario): readonly Samples[] {
  return [...stages].flatMap(([stage, totals]) => columnsOf([scenario.name, stage], totals));
}

/** The samples of a series are adjacent. */
function columnsOf(labels: readonly string[], { counts, count, sum }: StageTotals): readonly Samples[] {
  const names = RUN_METRICS.stages.labels;
  const [buckets, sums, total] = [new Samples("_bucket"), new Samples("_sum"), new Samples("_count")];
  for (const [i, boundary] of BOUNDARIES.entries()) {
    buckets.add(labelText([...names, "le"], [...labels, `${boundary / SECOND}`]), counts[i] as number);
  }
  buckets.add(labelText([...names, "le"], [...labels, "+Inf"]), count);
  sums.add(labelText(names, labels), sum);
  total.add(labelText(names, labels), count);
  return [buckets, sums, total];
}

function addQuantiles(samples: Samples, { scenario, lastSecond }: LiveScenario): void {
  for (const [stage, histogram] of lastSecond?.stages ?? []) {
    const { count } = histogram;
    for (const quantile of QUANTILES) {
      const value = percentileOf(histogram, quantile);
      if (value === undefined || trustIn(quantile, count) === "refused") continue;
      const labels = labelText(RUN_METRICS.lastSecond.labels, [scenario.name, stage, `${quantile}`]);
      samples.add(labels, value / SECOND);
    }
  }
}
