import { describe, expect, it } from "vitest";
import { LiveMetrics } from "../../../src/bench/progress/live-metrics.ts";
import { render } from "../../../src/bench/report/formats.ts";
import { chartDataOf } from "../../../src/bench/report/html/figure-data.ts";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import type { ScenarioResult } from "../../../src/bench/result/schema.ts";
import { parseThreshold, type Threshold } from "../../../src/bench/result/threshold.ts";
import { evidenceOf } from "../../../src/bench/result/verdict/evidence.ts";
import { verdictOf } from "../../../src/bench/result/verdict/verdict.ts";
import { accountOf, resultOf, scenarioOf, scenarioResultOf } from "./results.ts";

const SECONDS = 12;

/** A system that ends 372 of 900 operations per second; the drain ends the others. */
function overloaded(): ScenarioResult {
  const all = 900 * SECONDS;
  const rows = Array.from({ length: 30 }, (_, second) => ({
    sent: second < SECONDS ? 900 : 0,
    completed: Math.min(372, Math.max(0, all - 372 * second)),
  }));
  const template = scenarioResultOf(rows.length, 900);
  const result = {
    ...template,
    scenario: scenarioOf(SECONDS, {
      load: {
        kind: "open",
        stages: [{ from: 900, to: 900, seconds: SECONDS }],
        arrival: "uniform",
        maxInFlight: 100_000,
      },
    }),
    window: { from: 0, until: SECONDS, drained: 30 },
    seconds: template.seconds.map((second, i) => ({
      ...second,
      counters: { ...second.counters, ...rows[i], sentBytes: (rows[i]?.completed ?? 0) * 128 },
      offered: rows[i]?.sent ?? 0,
    })),
    account: accountOf(all),
    clients: ["P0", "P1"].map((id) => ({ id, messages: all / 2, bytes: all * 64, seconds: 29.1 })),
  } as ScenarioResult;
  return { ...result, verdict: verdictOf(evidenceOf(result, undefined)) };
}

const threshold = (text: string) => parseThreshold(text) as Threshold;

describe("the achieved rate of an overloaded system", () => {
  const result = overloaded();
  const text = render(resultOf([result]), "text", [threshold("rate>=373"), threshold("rate<=372")]);
  const page = render(resultOf([result]), "html");
  const { rate, offered } = figuresOf(result);

  it("is that of the operations that ended in the window", () => {
    expect([rate, offered]).toEqual([372, 900]);
  });

  it("is the same number in the verdict, the report, its thresholds and the line of nats bench", () => {
    const flat = text.replaceAll(/\s+/g, " ");
    expect(flat).toContain("Only 41 % of the offered rate was achieved, 372 of 900 operations/s: ");
    expect(flat).toContain("Achieved 372 operations/s (46.5 KiB/s) of 900/s offered (41 %), over 12 s.");
    expect(flat).toContain("rate>=373 372/s NOT MET");
    expect(flat).toContain("rate<=372 372/s met");
    expect(flat).toContain("stats: 372 msgs/sec ~ 46.5 KiB/sec");
  });

  it("is the same number in the CSV, whose clients add up to it", () => {
    const rows = render(resultOf([result]), "csv")
      .trimEnd()
      .split("\n")
      .slice(1);
    const sum = (column: number) => rows.reduce((total, row) => total + Number(row.split(",")[column]), 0);
    expect([sum(4), sum(5)]).toEqual([372, 372 * 128]);
  });

  it("is the same number on the page and in its chart", () => {
    expect(page).toContain("<dt>operations/s</dt><dd>372</dd>");
    const { achieved } = chartDataOf(result).rates;
    expect(achieved.slice(0, SECONDS)).toEqual(Array(SECONDS).fill(372));
  });

  it("is the increase of the live metrics over the window", () => {
    const { scenario } = result;
    const metrics = new LiveMetrics([scenario]);
    for (const { second, counters, offered: due } of result.seconds.slice(0, SECONDS)) {
      metrics.second(scenario, { second, counters, offered: due, stages: new Map() });
    }
    const completed = metrics
      .families()
      .find(({ metric }) => metric.name === "natscope_bench_completed_operations_total");
    expect((completed?.columns[0]?.values[0] ?? Number.NaN) / SECONDS).toBe(rate);
  });
});

it("counts a message for several receivers once in the report, and once for each receiver in the CSV", () => {
  const scenario = scenarioOf(10, { workload: "pubsub", receivers: 3 });
  const template = scenarioResultOf(10);
  const result = {
    ...template,
    scenario,
    seconds: template.seconds.map((second) => ({
      ...second,
      counters: { ...second.counters, received: 3000 },
    })),
    clients: ["P0", "S0", "S1", "S2"].map((id) => ({ id, messages: 10_000, bytes: 1_280_000, seconds: 10 })),
  };
  expect(figuresOf(result).rate).toBe(1000);
  const rows = render(resultOf([result]), "csv")
    .trimEnd()
    .split("\n")
    .slice(1);
  expect(rows.map((row) => row.split(",").slice(1, 6))).toEqual(
    ["P0", "S0", "S1", "S2"].map((id) => [id, "10000", "1280000", "1000.00", "128000.00"]),
  );
});
