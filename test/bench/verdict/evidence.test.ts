import { describe, expect, it } from "vitest";
import type { Stage } from "../../../src/bench/time/schedule.ts";
import { evidenceOf } from "../../../src/bench/verdict/evidence.ts";
import { scenarioOf, scenarioResultOf } from "../../report/results.ts";

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
