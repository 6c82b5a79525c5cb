/** Benchmarks of scenarios on real servers, as the command runs them. */

import type { ScenarioResult } from "../../../src/bench/result/schema.ts";
import { type Benchmark, runBenchmark } from "../../../src/bench/runner/benchmark.ts";
import type { BenchmarkOptions } from "../../../src/bench/runner/benchmark-options.ts";
import type { OpenLoad, Scenario } from "../../../src/bench/scenario/scenario.ts";
import type { RunningNatsServer } from "../../../tools/nats-server/run.ts";

/** Runs scenarios, with the server's counters. */
export function benchmark(
  { clientUrl, monitorUrl }: Pick<RunningNatsServer, "clientUrl" | "monitorUrl">,
  scenarios: readonly Scenario[],
  different: Partial<BenchmarkOptions> = {},
): Promise<Benchmark> {
  return runBenchmark({
    scenarios,
    order: "together",
    reach: { options: { servers: [new URL(clientUrl).host], reconnectTimeWait: 50 } },
    processors: 2,
    events: [],
    monitor: [monitorUrl],
    calibrate: false,
    command: ["bench"],
    version: "0.0.0",
    signal: new AbortController().signal,
    ...different,
  });
}

/** The result of the only scenario. */
export function onlyResult({ result }: Benchmark): ScenarioResult {
  const [one, ...others] = result.scenarios;
  if (!one || others.length > 0) throw new Error(`it has ${result.scenarios.length} scenarios`);
  return one;
}

/** A constant rate. */
export function steadily(perSecond: number, seconds: number, maxInFlight = 100_000): OpenLoad {
  const stages = [{ from: perSecond, to: perSecond, seconds }];
  return { kind: "open", stages, arrival: "uniform", maxInFlight };
}
