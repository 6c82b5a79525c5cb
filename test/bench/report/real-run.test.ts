import { HistogramLogReader } from "hdr-histogram-js";
import { expect, it } from "vitest";
import { FORMATS, type FormatName, render } from "../../../src/bench/report/formats.ts";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import type { Result, ScenarioResult } from "../../../src/bench/result/schema.ts";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { resultOfRealRun, shortRun } from "./real-run.ts";

describeEachServer("reports of a real run", ({ binary }) => {
  it("agree with each other and with the run", async () => {
    await using server = await runNatsServer({ binary });
    const result = await resultOfRealRun(server.clientUrl, shortRun());
    const [one] = result.scenarios as [ScenarioResult];
    const { completed, sent } = one.account;
    expect(sent).toBe(1000);
    expect(completed).toBe(1000);

    const figures = figuresOf(one);
    expect(figures.stages.service?.count).toBe(completed);
    expect(figures.offered).toBeCloseTo(500, -1);
    // Operations in flight at the end of the window are not in the rate.
    const ended = figures.rate * (one.window.until - one.window.from);
    expect(ended).toBeGreaterThan(0.8 * completed);
    expect(ended).toBeLessThanOrEqual(completed);
    expect(figures.bytesRate).toBeCloseTo(figures.rate * 128, 6);

    const texts = Object.fromEntries(
      Object.keys(FORMATS).map((name) => [name, render(result, name as FormatName)]),
    ) as Record<FormatName, string>;
    const table = texts.text
      .split("\n")
      .filter((line) => /^ {2}(response|service|delay) .* [mun]?s$/.test(line));
    expect(table.map((line) => line.trim().split(/ {2,}/).slice(0, 2))).toEqual([
      ["response", "1,000"],
      ["service", "1,000"],
      ["delay", "1,000"],
    ]);
    expect(texts.md).toMatch(/\| response \| 1,000 \|/);
    expect(JSON.parse(texts.json) as Result).toEqual(result);
    const rows = texts.csv.trimEnd().split("\n").slice(1);
    expect(rows.reduce((sum, row) => sum + Number(row.split(",")[2]), 0)).toBe(completed);
    expect(texts.hgrm.match(/Total count {4}= +1000\]/g)).toHaveLength(3);
    expect(samplesOf(texts.hlog)).toEqual({ response: 1000, service: 1000, delay: 1000 });
    expect(texts.html).toContain("<td>response</td><td>1,000</td>");
  });
});

/** By tag. */
function samplesOf(log: string): Record<string, number> {
  const reader = new HistogramLogReader(log, 64);
  const samples: Record<string, number> = {};
  for (let row = reader.nextIntervalHistogram(); row; row = reader.nextIntervalHistogram()) {
    samples[row.tag ?? ""] = (samples[row.tag ?? ""] ?? 0) + row.totalCount;
  }
  return samples;
}
