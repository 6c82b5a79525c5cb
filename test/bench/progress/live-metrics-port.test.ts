/** Metrics of a real run, through real HTTP. */
import { spawnSync } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import { decode } from "../../../src/bench/measure/encoding.ts";
import type { Histogram } from "../../../src/bench/measure/histogram.ts";
import { COUNTERS, type CounterName } from "../../../src/bench/measure/recorder.ts";
import { LiveMetrics } from "../../../src/bench/progress/live-metrics.ts";
import { serveLiveMetrics } from "../../../src/bench/progress/live-metrics-port.ts";
import { BOUNDARIES } from "../../../src/bench/progress/stage-totals.ts";
import { COUNTER_METRICS } from "../../../src/bench/progress/table.ts";
import type { ScenarioResult } from "../../../src/bench/result/schema.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { ListenFailure } from "../../../src/http/listener.ts";
import { type Family, family } from "../../../src/metrics/family.ts";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { type ReadFamily, readExposition } from "../../exposition-validator.ts";
import { describeEachServer, describeWithProgram, SERVER_VERSIONS } from "../../outside-programs.ts";
import { benchmark, steadily } from "../runner/benchmarks.ts";
import { scenarioOf } from "../workloads/scenarios.ts";

type Scrape = readonly ReadFamily[];

async function scrape(address: string): Promise<Scrape> {
  const response = await fetch(`${address}/metrics`);
  expect(response.status).toBe(200);
  return readExposition(new Uint8Array(await response.arrayBuffer()), "prometheus-text");
}

function sample(scraped: Scrape, name: string, labels: Readonly<Record<string, string>>): number | undefined {
  const matching = scraped
    .flatMap(({ samples }) => samples)
    .filter(
      (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
    );
  expect(matching.length).toBeLessThanOrEqual(1);
  return matching[0]?.value;
}

/** Runs them, scraped once in the middle of each second and once at the end. */
async function scrapedRun(version: string, scenarios: readonly Scenario[]) {
  await using server = await runNatsServer({ version });
  const live = new LiveMetrics(scenarios);
  const port = await serveLiveMetrics({ port: 0 }, () => live.families());
  const scrapes: Promise<Scrape>[] = [];
  const { result } = await benchmark(server, scenarios, {
    progress: {
      ...live,
      second: (scenario, second) => {
        live.second(scenario, second);
        scrapes.push(scrape(port.address));
      },
    },
  });
  const last = await scrape(port.address);
  const during = await Promise.all(scrapes);
  await port.close();
  await expect(fetch(`${port.address}/metrics`)).rejects.toThrow();
  return { result, during, last };
}

function sumOf({ seconds }: ScenarioResult, name: CounterName): number {
  return seconds.reduce((sum, { counters }) => sum + counters[name], 0);
}

describeEachServer("live metrics of a real run", ({ version }) => {
  const scenarios = [
    scenarioOf("request", { name: "steady", amount: { seconds: 3 }, load: steadily(2000, 3) }),
    scenarioOf("js e2e", { name: "stored", amount: { seconds: 3 }, load: { kind: "closed", inFlight: 20 } }),
  ];

  it("grow while it goes on, and end as its account", async () => {
    const { result, during, last } = await scrapedRun(version, scenarios);
    expect(during.length).toBeGreaterThanOrEqual(6);
    for (const one of result.scenarios) {
      const { name } = one.scenario;
      const sent = during.map(
        (scraped) => sample(scraped, COUNTER_METRICS.sent.name, { scenario: name }) as number,
      );
      expect(sent).toEqual([...sent].sort((a, b) => a - b));
      // On a busy machine, scrapes of several seconds may see the same values.
      expect(new Set(sent).size).toBeGreaterThanOrEqual(2);
      for (const counter of COUNTERS) {
        expect(sample(last, COUNTER_METRICS[counter].name, { scenario: name })).toBe(sumOf(one, counter));
      }
      expect(sample(last, COUNTER_METRICS.sent.name, { scenario: name })).toBe(one.account.sent);
      expectHistograms(last, one);
      const running = during.map((scraped) => sample(scraped, "natscope_bench_running", { scenario: name }));
      expect(running).toContain(1);
      expect(sample(last, "natscope_bench_running", { scenario: name })).toBe(0);
      expect(sample(last, "natscope_bench_progress_ratio", { scenario: name })).toBe(1);
    }
    const offered = "natscope_bench_offered_operations_total";
    expect(sample(last, offered, { scenario: "steady" })).toBe(6000);
    expect(sample(last, offered, { scenario: "stored" })).toBeUndefined();
    const quantile = { scenario: "steady", stage: "response", quantile: "0.99" };
    const told = during.map((scraped) =>
      sample(scraped, "natscope_bench_last_second_stage_seconds", quantile),
    );
    expect(told.filter((value) => value !== undefined && value > 0 && value < 10).length).toBeGreaterThan(0);
    expect(sample(last, "natscope_bench_last_second_stage_seconds", quantile)).toBeUndefined();
  });
});

/** Expects as many values of each stage as the result has, warm-up and window, and as many up to each boundary. */
function expectHistograms(scraped: Scrape, { scenario, measured, warmup }: ScenarioResult): void {
  for (const [stage, encoded] of Object.entries(measured)) {
    const labels = { scenario: scenario.name, stage };
    const histogram = decode(encoded) as Histogram;
    const before = warmup[stage as keyof typeof warmup];
    if (before !== undefined) histogram.add(decode(before) as Histogram);
    expect(sample(scraped, "natscope_bench_stage_seconds_count", labels)).toBe(histogram.count);
    for (const boundary of BOUNDARIES) {
      const within = [...histogram.buckets()].filter(({ value }) => value <= boundary);
      const le = `${boundary / 1e9}`;
      expect(sample(scraped, "natscope_bench_stage_seconds_bucket", { ...labels, le })).toBe(
        within.reduce((sum, { count }) => sum + count, 0),
      );
    }
  }
}

describeWithProgram("promtool", "live metrics of a real run, as promtool sees them", (promtool) => {
  it("are without a fault", async () => {
    const version = SERVER_VERSIONS[0]?.version as string;
    await using server = await runNatsServer({ version });
    const scenario = scenarioOf("pubsub", { amount: { messages: 20_000 } });
    const live = new LiveMetrics([scenario]);
    const port = await serveLiveMetrics({ port: 0 }, () => live.families());
    onTestFinished(() => port.close());
    await benchmark(server, [scenario], { progress: live });
    const input = await (await fetch(`${port.address}/metrics`)).text();
    const { status, stdout, stderr } = spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
    expect(input).toContain('natscope_bench_sent_operations_total{scenario="test"} 20000\n');
  });
});

describe("the port of live metrics", () => {
  const one = family({ name: "natscope_bench_running", type: "gauge", help: "H." }, (samples) =>
    samples.add("", 1),
  );

  async function open(
    families: () => readonly Family[] = () => [one],
    complain?: (sentence: string) => void,
  ) {
    const port = await serveLiveMetrics({ port: 0 }, families, complain);
    onTestFinished(() => port.close());
    return port.address;
  }

  it("listens on this machine only, unless a host is given", async () => {
    expect(await open()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const port = await serveLiveMetrics({ host: "::1", port: 0 }, () => []);
    expect(port.address).toMatch(/^http:\/\/\[::1\]:\d+$/);
    await port.close();
  });

  it("reports in one sentence that the port is in use", async () => {
    const { port } = new URL(await open());
    const attempt = serveLiveMetrics({ port: Number(port) }, () => []);
    await expect(attempt).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is in use`);
    await expect(attempt).rejects.toBeInstanceOf(ListenFailure);
  });

  it("speaks what it is asked for", async () => {
    const address = await open();
    const openMetrics = await fetch(`${address}/metrics`, {
      headers: { accept: "application/openmetrics-text" },
    });
    expect(openMetrics.headers.get("content-type")).toMatch(
      /^application\/openmetrics-text; version=1\.0\.0/,
    );
    expect(await openMetrics.text()).toMatch(/# EOF\n$/);
    const zipped = await fetch(`${address}/metrics`, { headers: { "accept-encoding": "gzip" } });
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(await zipped.text()).toContain("natscope_bench_running 1\n");
    const head = await fetch(`${address}/metrics?x=1`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("has nothing else, and takes nothing", async () => {
    const address = await open();
    const missing = await fetch(`${address}/`);
    expect([missing.status, await missing.text()]).toEqual([404, "not found; see /metrics\n"]);
    const post = await fetch(`${address}/metrics`, { method: "POST", body: "x" });
    expect([post.status, await post.text()]).toEqual([405, "expected GET or HEAD\n"]);
  });

  it("says that a scrape failed, to who asked and to who runs it, and goes on", async () => {
    let fails = true;
    const heard: string[] = [];
    const families = () => {
      if (fails) throw new Error("no");
      return [one];
    };
    const address = await open(families, (sentence) => heard.push(sentence));
    expect((await fetch(`${address}/metrics`)).status).toBe(500);
    expect(heard).toEqual(["live metrics: a request failed: no"]);
    fails = false;
    expect((await fetch(`${address}/metrics`)).status).toBe(200);
  });
});
