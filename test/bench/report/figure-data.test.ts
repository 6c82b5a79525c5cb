import { describe, expect, it } from "vitest";
import { chartDataOf } from "../../../src/bench/report/html/figure-data.ts";
import { faultyScenario, scenarioOf, scenarioResultOf } from "./results.ts";

describe("the numbers of charts", () => {
  it("count every operation of a second in the heatmap once", () => {
    const { heat, seconds } = chartDataOf(faultyScenario());
    for (const column of seconds) {
      expect(heat.cells.reduce((sum, [at, , count]) => (at === column ? sum + count : sum), 0)).toBe(1000);
    }
    for (const [, index] of heat.cells) expect(heat.bounds[index]).toBeGreaterThan(0);
    expect(heat.stage).toBe("response");
  });

  it("tell of a closed loop the service time and no offered rate", () => {
    const seconds = scenarioResultOf(2).seconds.map(({ offered: _, ...second }) => second);
    const scenario = scenarioOf(2, { load: { kind: "closed", inFlight: 1 } });
    const { heat, rates } = chartDataOf(scenarioResultOf(2, 1000, { scenario, seconds }));
    expect(heat.stage).toBe("service");
    expect(rates).toEqual({ offered: [null, null], achieved: [1000, 1000], failed: [0, 0] });
  });

  it("merge the seconds of a long run into columns, with rates a second", () => {
    const [row] = scenarioResultOf(1, 10).seconds;
    const seconds = Array.from({ length: 601 }, (_, second) => ({
      ...(row as NonNullable<typeof row>),
      second,
    }));
    const data = chartDataOf(scenarioResultOf(1, 10, { seconds }));
    expect(data.step).toBe(3);
    expect(data.seconds).toHaveLength(201);
    expect(data.seconds.at(-1)).toBe(600);
    expect(new Set(data.rates.achieved)).toEqual(new Set([10]));
    expect(data.heat.cells.reduce((sum, [, , count]) => sum + count, 0)).toBe(6010);
  });

  it("end a spectrum at the last percentile with enough samples", () => {
    const { spectrum } = chartDataOf(scenarioResultOf(1, 1000));
    expect(spectrum.x.at(-1)).toBe(100);
    expect(chartDataOf(scenarioResultOf(1, 1)).spectrum.x.at(-1)).toBe(2);
    expect(chartDataOf(scenarioResultOf(1, 0)).spectrum).toEqual({ x: [], stages: [] });
  });

  it("show what servers count from where it stood, and leave out what did not move", () => {
    const values = (second: number) => ({ cpu: 5, slow_consumers: 7 + second, stalled_clients: 9 });
    const server = ["n1", "n2"].flatMap((name) =>
      [0, 1, 2].map((second) => ({
        second,
        server: name,
        values: name === "n1" ? values(second) : { cpu: 1 },
      })),
    );
    expect(chartDataOf(scenarioResultOf(4, 1, { server })).server).toEqual([
      {
        what: "processor (%)",
        servers: [
          { name: "n1", values: [5, 5, 5, null] },
          { name: "n2", values: [1, 1, 1, null] },
        ],
      },
      { what: "slow consumers cut", servers: [{ name: "n1", values: [0, 1, 2, null] }] },
    ]);
  });
});
