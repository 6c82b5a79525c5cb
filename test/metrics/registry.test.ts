import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { expect, it } from "vitest";
import { type ExpositionFormat, render } from "../../src/metrics/exposition.ts";
import { familiesOf } from "../../src/metrics/registry.ts";

async function textOf(registry: Registry, format: ExpositionFormat = "prometheus-text"): Promise<string> {
  const families = await familiesOf(registry);
  return Buffer.concat(Array.from(render(families, format), (chunk) => Buffer.from(chunk))).toString("utf8");
}

/** Lines in sorted order: prom-client orders histograms by sample, not by series. */
const sorted = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .sort();

function filled(): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: "a_total", help: "A.", registers, labelNames: ["x"] }).inc({ x: 'q"\\\n' }, 2);
  new Gauge({ name: "b", help: "B\nb", registers }).set(Number.POSITIVE_INFINITY);
  const histogram = new Histogram({ name: "c", help: "C.", registers, labelNames: ["x"], buckets: [0.1, 1] });
  const summary = new Summary({ name: "d", help: "D.", registers, labelNames: ["x"], percentiles: [0.5] });
  for (const x of ["1", "2"]) {
    histogram.observe({ x }, 0.5);
    summary.observe({ x }, 3);
  }
  return registry;
}

it("gives the same samples as prom-client itself", async () => {
  const registry = filled();
  expect(sorted(await textOf(registry))).toEqual(sorted(await registry.metrics()));
});

it("keeps the samples of a series together, buckets first", async () => {
  const lines = (await textOf(filled())).split("\n").filter((line) => line.startsWith("c_"));
  expect(lines).toEqual(
    ["1", "2"].flatMap((x) => [
      `c_bucket{le="0.1",x="${x}"} 0`,
      `c_bucket{le="1",x="${x}"} 1`,
      `c_bucket{le="+Inf",x="${x}"} 1`,
      `c_sum{x="${x}"} 0.5`,
      `c_count{x="${x}"} 1`,
    ]),
  );
});

it("keeps them together for any order of the registry", async () => {
  const [metric] = await filled()
    .getMetricsAsJSON()
    .then((all) => all.filter(({ name }) => name === "c"));
  const values = [...((metric as unknown as { values: [] }).values ?? [])].reverse();
  const shuffled = { getMetricsAsJSON: async () => [{ name: "c", help: "C.", type: "histogram", values }] };
  const [family] = await familiesOf(shuffled);
  expect(family?.columns.map(({ suffix, length }) => [suffix, length])).toEqual([
    ["_bucket", 3],
    ["_sum", 1],
    ["_count", 1],
    ["_bucket", 3],
    ["_sum", 1],
    ["_count", 1],
  ]);
});

it("uses unknown for unsupported types, and omits labels without a value", async () => {
  const registry = {
    getMetricsAsJSON: async () => [
      { name: "e", help: "E.", type: "strange", values: [{ value: 1, labels: { a: undefined, b: 2 } }] },
      { name: "f", help: "F.", type: "gauge" },
    ],
  };
  const [e, f] = await familiesOf(registry);
  expect(e).toMatchObject({ metric: { type: "unknown" }, columns: [{ labels: ['b="2"'], values: [1] }] });
  expect(f?.columns).toEqual([]);
});
