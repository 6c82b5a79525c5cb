/**
 * What a benchmark that runs would expose, made of `bench-metrics.ts`: it goes when a live one can be scraped.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { DEFAULT_BOUNDARIES } from "../../src/instrument/metrics/table.ts";
import { BENCH_METRICS } from "./bench-metrics.ts";

const VALUES: Readonly<Record<string, readonly string[]>> = {
  scenario: ["orders"],
  workload: ["request"],
  loop: ["open"],
  stage: ["response", "service", "delay"],
  quantile: ["0.5", "0.99", "0.999"],
  kind: ["reconnect"],
};

/** Serves it on a free port, rising ten times a second. */
export async function startBenchExposition(): Promise<{ address: string; close(): void }> {
  const registry = new Registry();
  const moves = BENCH_METRICS.map((metric) => moving(metric, registry));
  const tick = setInterval(() => {
    for (const move of moves) move();
  }, 100);
  const server = createServer(async (_, response) => {
    response.setHeader("content-type", registry.contentType);
    response.end(await registry.metrics());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      clearInterval(tick);
      server.closeAllConnections();
      server.close();
    },
  };
}

function moving({ name, type, labels }: (typeof BENCH_METRICS)[number], registry: Registry): () => void {
  const options = { name, help: "stands for a benchmark's", labelNames: labels, registers: [registry] };
  const each = combinations(labels);
  const latency = (): number => 0.0002 * Math.exp(3 * Math.random() ** 2);
  switch (type) {
    case "counter": {
      const counter = new Counter(options);
      // Few fail and few are late: the schedule offers a little more than is completed.
      const step = {
        offered: 100,
        sent: 100,
        completed: 99,
        failed: 0.02,
        blocked: 0.1,
        errors: 0,
        events: 0.01,
      };
      const key = /^natscope_bench_([a-z]+)/.exec(name)?.[1] as keyof typeof step;
      return () => {
        for (const values of each) counter.inc(values, step[key] ?? 12_800);
      };
    }
    case "histogram": {
      const histogram = new Histogram({ ...options, buckets: [...DEFAULT_BOUNDARIES.seconds] });
      return () => {
        for (const values of each) for (let i = 0; i < 100; i++) histogram.observe(values, latency());
      };
    }
    default: {
      const gauge = new Gauge(options);
      let ticks = 0;
      return () => {
        ticks++;
        const value = name.endsWith("_ratio")
          ? Math.min(1, ticks / 3000)
          : name.endsWith("_seconds")
            ? latency()
            : 1;
        for (const values of each) gauge.set(values, value);
      };
    }
  }
}

function combinations(labels: readonly string[]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (all, label) => all.flatMap((one) => (VALUES[label] ?? []).map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}
