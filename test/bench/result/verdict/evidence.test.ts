import { describe, expect, it } from "vitest";
import type { CounterName } from "../../../../src/bench/measure/recorder.ts";
import { evidenceOf } from "../../../../src/bench/result/verdict/evidence.ts";
import { defaultMaxInFlight } from "../../../../src/bench/scenario/in-flight.ts";
import type { Scenario } from "../../../../src/bench/scenario/scenario.ts";
import type { Stage } from "../../../../src/bench/scenario/schedule.ts";
import { accountOf, scenarioOf, scenarioResultOf } from "../../report/results.ts";

/** Twenty seconds in which the rate doubles. */
function doubling(stages: readonly Stage[]) {
  const result = scenarioResultOf(20);
  const seconds = result.seconds.map((second) => ({
    ...second,
    counters: { ...second.counters, completed: 1000 + 50 * second.second },
    stages: {},
  }));
  const load = { kind: "open", stages, arrival: "uniform", maxInFlight: 1000 } as const;
  return { ...result, seconds, scenario: scenarioOf(20, { load }) };
}

describe("steadiness", () => {
  it("is not expected of a load that is made to change", () => {
    const ramp = doubling([{ from: 1000, to: 2000, seconds: 20 }]);
    const steps = doubling([
      { from: 1000, to: 1000, seconds: 10 },
      { from: 2000, to: 2000, seconds: 10 },
    ]);
    for (const changing of [ramp, steps]) expect(evidenceOf(changing, undefined).steadiness).toBe("steady");
  });

  it("is expected of any other", () => {
    const constant = doubling([
      { from: 1000, to: 1000, seconds: 5 },
      { from: 1000, to: 1000, seconds: 15 },
    ]);
    expect(evidenceOf(constant, undefined).steadiness).toBe("drifting");
  });
});

/** Twenty seconds of a scenario, with counters of its own. */
function evidence(
  given: Partial<Scenario>,
  counters: (second: number) => Partial<Record<CounterName, number>>,
) {
  const result = scenarioResultOf(20);
  const seconds = result.seconds.map((one) => ({
    ...one,
    counters: { ...one.counters, ...counters(one.second) },
  }));
  return evidenceOf({ ...result, seconds, scenario: scenarioOf(20, given) }, undefined);
}

describe("publishers in a closed loop", () => {
  const load = { kind: "closed", inFlight: 1000 } as const;

  it("outrun receivers that have less and less of what was sent", () => {
    const counters = () => ({ sent: 1000, completed: 1000, received: 900 });
    expect(evidence({ workload: "pubsub", receivers: 1, load }, counters).outrun).toBeGreaterThan(10);
    expect(evidence({ workload: "js e2e", receivers: 4, load }, counters).outrun).toBeGreaterThan(10);
  });

  it("do not where everything comes, if later", () => {
    const counters = (second: number) => ({ sent: 1000, received: second === 0 ? 1600 : 2000 });
    expect(evidence({ workload: "pubsub", receivers: 2, load }, counters).outrun).toBeUndefined();
  });

  it("do not outrun receivers if the workload has none", () => {
    const counters = () => ({ sent: 1000, completed: 1000, received: 0 });
    expect(evidence({ workload: "request", load }, counters).outrun).toBeUndefined();
  });
});

describe("operations that had to wait", () => {
  const open = (maxInFlight: number) =>
    ({ load: { ...scenarioOf(20).load, kind: "open", maxInFlight } }) as Partial<Scenario>;

  it("count in the window alone", () => {
    const result = scenarioResultOf(20);
    const seconds = result.seconds.map((one) => ({ ...one, counters: { ...one.counters, blocked: 1 } }));
    const window = { from: 5, until: 15, drained: 20 };
    expect(evidenceOf({ ...result, seconds, window }, undefined).blocked).toBe(10);
  });

  it("waited as intended if the user set a maximum in flight", () => {
    expect(evidence(open(1), () => ({})).isBounded).toBe(true);
    expect(evidence(open(defaultMaxInFlight(scenarioOf(20))), () => ({})).isBounded).toBe(false);
  });
});

describe("who only receives", () => {
  it("wants what was asked for, each of them or all together", () => {
    const given = { clients: 3, amount: { messages: 100 }, load: { kind: "closed", inFlight: 1 } } as const;
    const wanted = (different: Partial<Scenario>) => evidence({ ...given, ...different }, () => ({})).wanted;
    expect(wanted({ workload: "sub" })).toBe(300);
    expect(wanted({ workload: "sub", queue: "q" })).toBe(100);
    expect(wanted({ workload: "js consume" })).toBe(100);
    expect(wanted({ workload: "js ordered" })).toBe(300);
    expect(wanted({ workload: "js ordered", amount: { messages: 100, seconds: 1 } })).toBeUndefined();
    expect(wanted({ workload: "pubsub" })).toBeUndefined();
  });

  it("got what it received", () => {
    const account = accountOf(0, { completed: 80, received: 80 });
    expect(evidenceOf({ ...scenarioResultOf(20), account }, undefined).got).toBe(80);
  });
});

it("responders are as steady as who asks them", () => {
  const load = { kind: "closed", inFlight: 1 } as const;
  expect(evidence({ workload: "serve", load }, (second) => ({ received: 100 * second })).steadiness).toBe(
    "steady",
  );
});
