import { spawnSync } from "node:child_process";
import * as successor from "@prometheus-io/client";
import * as prom from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import { ClientMetrics } from "../../../src/client/metrics/client-metrics.ts";
import { register, registeredMetrics } from "../../../src/client/metrics/registry.ts";
import { CLIENT_METRICS, type ClientMetric, DEFAULT_BOUNDARIES } from "../../../src/client/metrics/table.ts";
import { readExposition } from "../../exposition-validator.ts";
import { describeWithProgram } from "../../outside-programs.ts";

const ROWS = Object.values<ClientMetric>(CLIENT_METRICS);

/** Metrics with a value each. */
function filled(): ClientMetrics {
  const metrics = new ClientMetrics(DEFAULT_BOUNDARIES, 100);
  for (const [key, vector] of Object.entries(metrics.vectors)) {
    const { type, labels } = CLIENT_METRICS[key as keyof typeof CLIENT_METRICS] as ClientMetric;
    if (type === "gauge") continue;
    const cell = vector.of(...labels.map((label) => `${label} "quoted" \\ line\nbreak`));
    if ("observe" in cell) {
      cell.observe(0.0002);
      cell.observe(99);
    } else cell.value = 3;
  }
  metrics.addGaugeSource((vectors) => {
    vectors.pending.of("orders.>").value += 2;
    vectors.roundTrip.of().value = 0.001;
  });
  return metrics;
}

const LIBRARIES = [
  ["prom-client", prom],
  ["@prometheus-io/client", successor],
] as const;

for (const [name, library] of LIBRARIES) {
  describe(`metrics in a registry of ${name}`, () => {
    const { Registry } = library;
    // biome-ignore lint/suspicious/noExplicitAny: two libraries, one shape
    let registry: any;
    let metrics: ClientMetrics;
    beforeEach(() => {
      registry = new Registry();
      metrics = filled();
      expect(register(registeredMetrics(metrics), registry)).toEqual([]);
    });

    it("have their names, help and types", async () => {
      const json = await registry.getMetricsAsJSON();
      expect(
        json.map((one: prom.MetricObject) => ({ name: one.name, help: one.help, type: one.type })),
      ).toEqual(ROWS.map(({ name: own, help, type }) => ({ name: own, help, type })));
      for (const row of ROWS) expect(registry.getSingleMetric(row.name).name).toBe(row.name);
      expect(await registry.getSingleMetricAsString("nats_retries_total")).toContain("nats_retries_total{");
    });

    it("are valid text in each format, in any order of requests", async () => {
      for (const type of ["PROMETHEUS", "OPENMETRICS", "PROMETHEUS", "OPENMETRICS"] as const) {
        const openMetrics = type === "OPENMETRICS";
        registry.setContentType(
          openMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE,
        );
        const text: string = await registry.metrics();
        const format = openMetrics ? "openmetrics" : "prometheus-text";
        const families = readExposition(Buffer.from(text.replaceAll(/\n\n/g, "\n")), format);
        expect(families.map((family) => family.name)).toEqual(
          ROWS.map((row) =>
            openMetrics && row.type === "counter" ? row.name.replace(/_total$/, "") : row.name,
          ),
        );
        const [published] = families;
        expect(published?.samples).toEqual([
          {
            name: "nats_messages_published_total",
            labels: { subject: 'subject "quoted" \\ line\nbreak' },
            value: 3,
          },
        ]);
      }
    });

    it("have cumulative buckets, of which the last counts all", async () => {
      const text: string = await registry.getSingleMetricAsString("nats_message_processing_seconds");
      const numbers = [...text.matchAll(/_bucket\{.*le="(.*)"\} (\d+)/g)].map(([, le, count]) => [
        le,
        Number(count),
      ]);
      expect(numbers.slice(0, 4)).toEqual([
        ["0.00005", 0],
        ["0.0001", 0],
        ["0.00025", 1],
        ["0.0005", 1],
      ]);
      expect(numbers.at(-1)).toEqual(["+Inf", 2]);
      expect(text).toMatch(/_count\{.*\} 2\n?/);
    });

    it("have exemplars of sampled spans in OpenMetrics only", async () => {
      metrics.vectors.request.of("s", "ok").observeTraced(0.0003, "a".repeat(32), "b".repeat(16));
      expect(await registry.metrics()).not.toContain("trace_id");
      registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
      const lines = (await registry.metrics())
        .split("\n")
        .filter((line: string) => line.includes("trace_id"));
      expect(lines.length).toBe(1);
      expect(lines[0]).toMatch(
        /^nats_request_seconds_bucket\{subject="s",outcome="ok",le="0.0005"\} 1 # \{trace_id="a{32}",span_id="b{16}"\} 0.0003 \d+(\.\d+)?$/,
      );
    });

    it("are there once if registered twice, also after OpenMetrics and after a clear", async () => {
      const metricsAgain = registeredMetrics(metrics);
      const other = new Registry();
      register(metricsAgain, other);
      other.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
      await other.metrics();
      register(metricsAgain, other);
      expect(other.getMetricsAsArray().length).toBe(ROWS.length);
      other.clear();
      expect(await other.getMetricsAsJSON()).toEqual([]);
      register(metricsAgain, other);
      expect((await other.getMetricsAsJSON()).length).toBe(ROWS.length);
    });

    it("are set to zero by resetMetrics, and hot paths continue to count", async () => {
      const cell = metrics.vectors.publishedDisconnected.of();
      registry.resetMetrics();
      expect(cell.value).toBe(0);
      cell.value++;
      const [value] = (await registry.getSingleMetric("nats_messages_published_disconnected_total").get())
        .values;
      expect(value.value).toBe(1);
    });

    it("have the registry's default labels", async () => {
      registry.setDefaultLabels({ app: "shop" });
      const { values } = (await registry.getMetricsAsJSON())[0];
      expect(values[0].labels).toMatchObject({ app: "shop" });
      expect(await registry.metrics()).toContain('app="shop"');
    });

    it("are summed over the processes of a cluster, except states", async () => {
      const processes = [filled(), filled()];
      const jsons = await Promise.all(
        processes.map(async (one, i) => {
          one.addGaugeSource((vectors) => {
            vectors.connected.of().value = i;
            vectors.roundTrip.of().value = 0.5 + i;
          });
          const own = new Registry();
          register(registeredMetrics(one), own);
          return own.getMetricsAsJSON();
        }),
      );
      const AggregatorRegistry = library.AggregatorRegistry as typeof prom.AggregatorRegistry;
      const whole = (AggregatorRegistry as never as { aggregate(of: unknown): prom.Registry }).aggregate(
        jsons,
      );
      const valueIn = async (metric: string) =>
        (await whole.getMetricsAsJSON()).find((one) => one.name === metric)?.values?.[0]?.value;
      expect(await valueIn("nats_messages_published_total")).toBe(6);
      expect(await valueIn("nats_subscription_pending_messages")).toBe(4);
      expect(await valueIn("nats_connection_status")).toBe(0);
      expect(await valueIn("nats_connection_round_trip_seconds")).toBe(1.5);
    });

    it("are in a merged registry too", async () => {
      const merged = Registry.merge([registry, new Registry()] as never[]);
      expect((await merged.getMetricsAsJSON()).length).toBe(ROWS.length);
    });
  });
}

describeWithProgram("promtool", "the exposition", (promtool) => {
  it("pass promtool without an error", async () => {
    const registry = new prom.Registry();
    register(registeredMetrics(filled()), registry);
    const { stdout, stderr, status } = spawnSync(promtool, ["check", "metrics"], {
      input: await registry.metrics(),
    });
    expect([status, String(stdout), String(stderr)]).toEqual([0, "", ""]);
  });
});

describe("a collection", () => {
  it("is shared by concurrent readers", async () => {
    const metrics = new ClientMetrics(DEFAULT_BOUNDARIES, 10);
    let asked = 0;
    metrics.addGaugeSource(() => void asked++);
    const registry = new prom.Registry();
    register(registeredMetrics(metrics), registry);
    await registry.metrics();
    expect(asked).toBe(1);
    await registry.metrics();
    expect(asked).toBe(2);
  });

  it("does not fail with one of its gauge sources", async () => {
    const metrics = new ClientMetrics(DEFAULT_BOUNDARIES, 10);
    metrics.addGaugeSource(() => Promise.reject(new Error("on purpose")));
    metrics.addGaugeSource(() => {
      throw new Error("on purpose");
    });
    metrics.addGaugeSource((vectors) => {
      vectors.pending.of("a").value = 1;
    });
    const registry = new prom.Registry();
    register(registeredMetrics(metrics), registry);
    expect(await registry.getSingleMetricAsString("nats_subscription_pending_messages")).toContain(
      'nats_subscription_pending_messages{subject="a"} 1',
    );
  });

  it("reports the label overflow of each metric", async () => {
    const metrics = new ClientMetrics(DEFAULT_BOUNDARIES, 2);
    for (const subject of ["a", "b", "c", "d"]) metrics.vectors.publishErrors.of(subject, "timeout").value++;
    const registry = new prom.Registry();
    register(registeredMetrics(metrics), registry);
    const text = await registry.metrics();
    expect(text).toContain('nats_client_label_overflow_total{metric="nats_publish_errors_total"} 2');
    expect(text).toContain('nats_publish_errors_total{subject="_other",error="_other"} 2');
  });
});
