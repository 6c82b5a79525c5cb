import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { COUNTERS } from "../../../src/bench/measure/recorder.ts";
import { LiveMetrics } from "../../../src/bench/progress/live-metrics.ts";
import { LIVE_METRICS } from "../../../src/bench/progress/table.ts";
import type { RecordedSecond } from "../../../src/bench/runner/timeline.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { WORKLOAD_NAMES, workloadOf } from "../../../src/bench/workloads/workloads.ts";
import { type ExpositionFormat, render } from "../../../src/metrics/exposition.ts";
import { type ReadFamily, readExposition } from "../../exposition-validator.ts";
import { describeWithProgram } from "../../outside-programs.ts";
import { steadily } from "../runner/benchmarks.ts";
import { scenarioOf } from "../workloads/scenarios.ts";

/** The clock of a run, set by the test. */
class Told {
  seconds = 0;
  readonly zero = 0;
  now = () => this.seconds * 1e9;
}

/** Each counter in a second is its place among the counters, from 1. */
function secondOf(scenario: Scenario, second: number, values: readonly number[] = []): RecordedSecond {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return {
    second,
    counters: Object.fromEntries(COUNTERS.map((name, i) => [name, i + 1])) as RecordedSecond["counters"],
    offered: scenario.load.kind === "open" ? 10 : undefined,
    stages: new Map(workloadOf(scenario.workload).stages.map((stage) => [stage, histogram])),
  };
}

function textOf(live: LiveMetrics, format: ExpositionFormat = "prometheus-text"): Buffer {
  return Buffer.concat([...render(live.families(), format)].map((chunk) => Buffer.from(chunk)));
}

function read(live: LiveMetrics): ReadonlyMap<string, ReadFamily> {
  return new Map(readExposition(textOf(live), "prometheus-text").map((family) => [family.name, family]));
}

/** The value of the only sample that has these labels; undefined if it is missing. */
function sampleOf(live: LiveMetrics, name: string, labels: Readonly<Record<string, string>> = {}) {
  const family = read(live).get(name.replace(/_(bucket|sum|count)$/, ""));
  const samples = (family?.samples ?? []).filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  expect(samples.length).toBeLessThanOrEqual(1);
  return samples[0]?.value;
}

/** Runs a scenario in so many seconds, without its end. */
function run(live: LiveMetrics, scenario: Scenario, seconds: readonly (readonly number[])[]): Told {
  const clock = new Told();
  live.began(scenario, clock);
  for (const [second, values] of seconds.entries()) {
    clock.seconds = second + 1;
    live.second(scenario, secondOf(scenario, second, values));
  }
  return clock;
}

const open = scenarioOf("request", {
  name: "open",
  amount: { seconds: 8 },
  warmupSeconds: 2,
  load: steadily(10, 10),
});
const closed = scenarioOf("js e2e", { name: "closed", amount: { messages: 100 } });
const millis = (count: number, value = 1) => Array.from({ length: count }, () => value * 1e6);

describe("metrics of a run", () => {
  it("tell of every scenario before it begins", () => {
    const live = new LiveMetrics([open, closed]);
    expect(
      sampleOf(live, "natscope_bench_info", { scenario: "open", workload: "request", loop: "open" }),
    ).toBe(1);
    expect(
      sampleOf(live, "natscope_bench_info", { scenario: "closed", workload: "js e2e", loop: "closed" }),
    ).toBe(1);
    for (const scenario of ["open", "closed"]) {
      expect(sampleOf(live, "natscope_bench_running", { scenario })).toBe(0);
      expect(sampleOf(live, "natscope_bench_progress_ratio", { scenario })).toBe(0);
      expect(sampleOf(live, "natscope_bench_sent_operations_total", { scenario })).toBe(0);
    }
  });

  it("add up what happens in each second", () => {
    const live = new LiveMetrics([open, closed]);
    run(live, open, [[], [], []]);
    const of = (scenario: string) =>
      Object.fromEntries(
        [...read(live).values()]
          .filter(({ name }) => name.endsWith("_total") && !name.includes("events"))
          .map(({ name, samples }) => [
            name.slice("natscope_bench_".length),
            samples.find(({ labels }) => labels.scenario === scenario)?.value,
          ]),
      );
    expect(of("open")).toEqual({
      offered_operations_total: 30,
      sent_operations_total: 3,
      sent_bytes_total: 6,
      completed_operations_total: 9,
      received_messages_total: 12,
      received_bytes_total: 15,
      failed_operations_total: 18,
      blocked_operations_total: 21,
      errors_total: 24,
    });
    expect(of("closed").offered_operations_total).toBeUndefined();
    expect(of("closed").sent_operations_total).toBe(0);
  });

  it("have a histogram of each stage that the workload has, and of no other", () => {
    const live = new LiveMetrics([open, closed]);
    run(live, open, [millis(10), millis(5, 30)]);
    const labels = { scenario: "open", stage: "service" };
    const bucket = (le: string) => sampleOf(live, "natscope_bench_stage_seconds_bucket", { ...labels, le });
    expect([bucket("0.0005"), bucket("0.001"), bucket("0.02"), bucket("0.05"), bucket("+Inf")]).toEqual([
      0, 10, 10, 15, 15,
    ]);
    expect(sampleOf(live, "natscope_bench_stage_seconds_count", labels)).toBe(15);
    expect(sampleOf(live, "natscope_bench_stage_seconds_sum", labels)).toBeCloseTo(0.16, 4);
    const stages = read(live).get("natscope_bench_stage_seconds")?.samples ?? [];
    const of = (scenario: string) =>
      new Set(stages.filter((one) => one.labels.scenario === scenario).map((one) => one.labels.stage));
    expect(of("open")).toEqual(new Set(workloadOf("request").stages));
    expect(of("closed")).toEqual(new Set(workloadOf("js e2e").stages));
  });

  it("have quantiles of the last whole second, as many as it has samples for, while it runs", () => {
    const live = new LiveMetrics([open]);
    const quantiles = () =>
      Object.fromEntries(
        (read(live).get("natscope_bench_last_second_stage_seconds")?.samples ?? [])
          .filter(({ labels }) => labels.stage === "response")
          .map(({ labels, value }) => [labels.quantile, value]),
      );
    expect(quantiles()).toEqual({});
    const clock = run(live, open, [millis(10_000, 7), [...millis(900), ...millis(100, 50)]]);
    expect(quantiles()).toEqual({
      0.5: expect.closeTo(0.001, 5),
      0.9: expect.closeTo(0.001, 5),
      0.99: expect.closeTo(0.05, 4),
    });
    clock.seconds = 2.3;
    live.second(open, secondOf(open, 2, millis(10_000, 9)));
    expect(quantiles()[0.5]).toBeCloseTo(0.001, 5);
    clock.seconds = 4;
    live.second(open, secondOf(open, 3, millis(9)));
    expect(quantiles()).toEqual({});
    live.second(open, secondOf(open, 4, millis(20)));
    live.phase("done", open);
    expect(quantiles()).toEqual({});
  });

  it("count events by kind, and omit kinds that did not occur", () => {
    const live = new LiveMetrics([open, closed]);
    live.event(open, { second: 1, kind: "lost", what: "P0" });
    live.event(open, { second: 2, kind: "lost", what: "P0" });
    const events = (scenario: string) =>
      Object.fromEntries(
        (read(live).get("natscope_bench_events_total")?.samples ?? [])
          .filter(({ labels }) => labels.scenario === scenario)
          .map(({ labels, value }) => [labels.kind, value]),
      );
    expect(events("open")).toEqual({ command: 0, lost: 2, regained: 0, failed: 0 });
    expect(events("closed")).toEqual({ command: 0, lost: 0, regained: 0, failed: 0 });
  });

  it("say that a scenario runs from its beginning to the end of its drain", () => {
    const live = new LiveMetrics([open]);
    const running = () => sampleOf(live, "natscope_bench_running");
    live.phase("preparing", open);
    expect(running()).toBe(0);
    run(live, open, [[]]);
    live.phase("draining", open);
    expect(running()).toBe(1);
    live.phase("done", open);
    expect(running()).toBe(0);
  });

  const shares: readonly [string, string, Partial<Scenario>, number | undefined][] = [
    ["of its time", "request", { amount: { seconds: 8 }, warmupSeconds: 2 }, 0.2],
    ["of its messages", "pub", { amount: { messages: 10 } }, 0.2],
    ["of both the larger", "pub", { amount: { messages: 4, seconds: 100 } }, 0.5],
    ["never more than all", "pub", { amount: { messages: 1 } }, 1],
    // Received are four in each of two seconds.
    ["of what all who receive are to have", "sub", { amount: { messages: 10 }, clients: 2 }, 0.4],
    ["of what those of a queue share", "sub", { amount: { messages: 10 }, clients: 2, queue: "q" }, 0.8],
    ["of what a stream's readers share", "js consume", { amount: { messages: 10 }, clients: 2 }, 0.8],
    ["none, if it has no end", "serve", { amount: {} }, undefined],
  ];
  it.each(shares)("report the progress of %s", (_, workload, different, share) => {
    const scenario = scenarioOf(workload, different);
    const live = new LiveMetrics([scenario]);
    run(live, scenario, [[], []]);
    expect(sampleOf(live, "natscope_bench_progress_ratio")).toEqual(
      share === undefined ? share : expect.closeTo(share, 9),
    );
  });

  it("are those of the table, each with the labels that it says", () => {
    const live = everything();
    const families = readExposition(textOf(live), "prometheus-text");
    expect(new Set(families.map(({ name }) => name))).toEqual(new Set(LIVE_METRICS.map(({ name }) => name)));
    for (const { name, labels, help } of LIVE_METRICS) {
      const family = families.find((one) => one.name === name);
      expect(family?.help).toBe(help);
      for (const sample of family?.samples ?? []) {
        expect(Object.keys(sample.labels).filter((label) => label !== "le")).toEqual(labels);
      }
    }
    expect(readExposition(textOf(live, "openmetrics"), "openmetrics")).toHaveLength(families.length);
  });
});

/** Every workload, with a name that has to be escaped, in the middle of a run. */
function everything(): LiveMetrics {
  const scenarios = WORKLOAD_NAMES.map((workload) =>
    scenarioOf(workload, { name: `"${workload}"\\\n`, load: steadily(10, 10) }),
  );
  const live = new LiveMetrics(scenarios);
  for (const scenario of scenarios) {
    run(live, scenario, [millis(20_000)]);
    live.event(scenario, { second: 0, kind: "leader", what: "n1" });
  }
  return live;
}

describeWithProgram("promtool", "metrics of a run, as promtool sees them", (promtool) => {
  it("are without a fault", () => {
    const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], {
      input: textOf(everything()),
      encoding: "utf8",
    });
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  });
});
