import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HistogramLogReader, listTags } from "hdr-histogram-js";
import { describe, expect, it } from "vitest";
import { toHdr } from "../../../src/bench/measure/hdr.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { FORMATS, type FormatName, render } from "../../../src/bench/report/formats.ts";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import { recorded, stagesOf } from "../../../src/bench/result/histograms.ts";
import { parseThreshold, type Threshold } from "../../../src/bench/result/threshold.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { accountOf, faultyScenario, resultOf, scenarioOf, scenarioResultOf } from "./results.ts";

const NAMES = Object.keys(FORMATS) as readonly FormatName[];
const HOSTILE = 'a,b "c"\r\n#d | <script>\u001b[31m_e_ [x](y) \u202e';
const GOLDEN = fileURLToPath(new URL("golden/faulty.txt", import.meta.url));

const faulty = resultOf([faultyScenario()], { interrupted: "SIGINT" });
const nothing = resultOf([
  scenarioResultOf(0, 0, { measured: {}, window: { from: 0, until: 0, drained: 0 } }),
]);

function thresholdsOf(...texts: readonly string[]): Threshold[] {
  return texts.map((text) => {
    const threshold = parseThreshold(text);
    if (typeof threshold === "string") throw new Error(threshold);
    return threshold;
  });
}

function hostileResult() {
  const scenario = faultyScenario();
  const account = accountOf(1, {
    failed: { [HOSTILE]: 1 },
    crossCheck: [{ what: HOSTILE, expected: 1, found: 2 }],
  });
  return resultOf(
    [
      {
        ...scenario,
        account,
        scenario: { ...scenario.scenario, name: HOSTILE },
        clients: [{ id: HOSTILE, messages: 1, bytes: 1, seconds: 1 }],
        events: [{ second: 1, kind: "command", what: HOSTILE }],
      },
      scenario,
    ],
    { interrupted: HOSTILE },
  );
}

describe("every format", () => {
  const results = {
    "with every fault": faulty,
    "without measurements": nothing,
    "with two scenarios": resultOf([scenarioResultOf(2), faultyScenario()]),
    "with huge numbers": resultOf([
      scenarioResultOf(1, 10, {
        account: accountOf(Number.MAX_SAFE_INTEGER),
        clients: [{ id: "P0", messages: Number.MAX_SAFE_INTEGER, bytes: 2 ** 60, seconds: 1e-9 }],
      }),
    ]),
    "with hostile names": hostileResult(),
  };

  it.each(NAMES)("%s is always the same for a result, and ends with a line break", (name) => {
    for (const result of Object.values(results)) {
      const text = render(result, name);
      expect(text).toMatch(/\n$/);
      expect(text).not.toMatch(/\b(undefined|NaN|Infinity)\b(?![^<]*<\/script>)(?!["'])/);
      expect(render(structuredClone(result), name)).toBe(text);
    }
  });

  it.each(NAMES)("%s is the same for a saved result as for the one just measured", (name) => {
    expect(render(JSON.parse(render(faulty, "json")), name)).toBe(render(faulty, name));
  });

  it.each(NAMES.filter((name) => name !== "json"))("%s contains no control characters", (name) => {
    const text = render(hostileResult(), name);
    expect(text).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u);
  });

  it("has a help line and an extension of its own", () => {
    expect(new Set(NAMES.map((name) => FORMATS[name].extension)).size).toBe(NAMES.length);
    for (const name of NAMES) expect(FORMATS[name].help).toMatch(/^\S.{10,90}$/);
  });

  it("fails if a histogram is damaged, instead of leaving it out", () => {
    const damaged = resultOf([scenarioResultOf(1, 1, { measured: { service: "AAAA" } })]);
    expect(() => render(damaged, "text")).toThrow("A histogram of the result is not in HdrHistogram's");
  });
});

describe("text", () => {
  it("matches the golden file for a run with every fault", () => {
    const thresholds = thresholdsOf("response.p99<5ms", "service.p99<=1ms", "lost==0", "rate>=900");
    const text = render(faulty, "text", [...thresholds, ...thresholdsOf("delay.p99.99<1s")]);
    if (process.env.MODE === "golden") writeFileSync(GOLDEN, text);
    expect(text).toBe(readFileSync(GOLDEN, "utf8"));
  });

  it("has the verdict first and the line of nats bench last for each scenario", () => {
    const text = render(resultOf([scenarioResultOf(2), faultyScenario()]), "text");
    const titles = text
      .split("\n")
      .filter((line) => /^(Verdict|Throughput|Latency|Accounting|NATS)/.test(line));
    const each = ["Verdict", "Throughput", "Latency", "Accounting", expect.stringMatching(/^NATS Core NATS/)];
    expect(titles).toEqual([...each, ...each]);
  });

  it("is at most 100 columns wide, except for tables and the line of nats bench", () => {
    const wide = faultyScenario();
    const sentence = "word ".repeat(60).trim();
    const verdict = { verdict: "suspect", reasons: [{ severity: "suspect", sentence }] } as const;
    const lines = render(resultOf([{ ...wide, verdict }]), "text").split("\n");
    expect(lines.filter((line) => line.length > 100 && !line.startsWith("NATS"))).toEqual([]);
    expect(lines.join(" ").match(/word/g)).toHaveLength(60);
  });

  it("states that a closed loop has no response time, and leaves out percentiles with too few samples", () => {
    const scenario = scenarioOf(1, { load: { kind: "closed", inFlight: 1 } });
    const text = render(resultOf([scenarioResultOf(1, 50, { scenario })]), "text");
    expect(text).toContain("Closed loop: a slow answer delays the next operation");
    expect(text).toMatch(/service +50 +\S+ us +\S+ us +- +- +- +- +- +\S+ [um]s/);
    expect(text).toContain("too few samples");
  });

  it("shows in its title how much load was asked for", () => {
    const titleOf = (given: Partial<Scenario>) => {
      const [title = ""] = render(
        resultOf([scenarioResultOf(1, 50, { scenario: scenarioOf(1, given) })]),
        "text",
      ).split("\n\n");
      return title.replaceAll(/\s+/g, " ");
    };
    const closed = { load: { kind: "closed", inFlight: 5 } } as const;
    const messages = { amount: { messages: 3000 } };
    expect(titleOf({ ...closed, amount: { seconds: 9 }, warmupSeconds: 1 })).toBe(
      "request, 2 clients, 2 receivers, 128 B, closed loop, 5 in flight per client, for 10 s, including 1 s of warm-up",
    );
    expect(titleOf({ ...closed, ...messages })).toMatch(/5 in flight per client, 3,000 messages$/);
    // The length of its schedule is not shown.
    expect(titleOf(messages)).toMatch(/128 B, open loop \(uniform\), 1,000\/s, 3,000 messages$/);
    const sub = { ...closed, ...messages, workload: "sub", receivers: 0 } as const;
    expect(titleOf(sub)).toBe("request: sub, 2 clients, 3,000 messages per client");
    expect(titleOf({ ...sub, queue: "q" })).toBe("request: sub, 2 clients, 3,000 messages");
  });

  it("states that a closed loop does not wait for receivers", () => {
    const scenario = scenarioOf(1, { workload: "pubsub", load: { kind: "closed", inFlight: 1 } });
    const text = render(resultOf([scenarioResultOf(1, 50, { scenario })]), "text").replaceAll(/\s+/g, " ");
    expect(text).toContain("Closed loop: publishers wait for the server, not for the receivers");
  });

  it("shows the first fifty events and the number of the others", () => {
    const events = Array.from(
      { length: 1000 },
      (_, second) => ({ second, kind: "lost", what: "P0" }) as const,
    );
    const text = render(resultOf([scenarioResultOf(1, 1, { events })]), "text");
    expect(text.match(/: at .*, P0/g)).toHaveLength(50);
    expect(text).toContain("950 more are in the result file.");
  });
});

describe("md", () => {
  it("has tables whose rows are as long as their heads", () => {
    const lines = render(hostileResult(), "md", thresholdsOf("lost==0")).split("\n");
    const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
    const tables = lines
      .join("\n")
      .split(/\n\n/)
      .filter((block) => block.startsWith("|"));
    expect(tables.length).toBe(6);
    for (const table of tables) {
      const rows = table.split("\n");
      expect(rows[1]).toMatch(/^\| --- \|( ---: \|)+$/);
      expect(new Set(rows.map(cells)).size).toBe(1);
    }
  });

  it("escapes names", () => {
    const text = render(hostileResult(), "md");
    expect(text).toContain("\\<script\\>");
    expect(text).toContain("\\[x\\](y)");
    expect(text).not.toMatch(/(?<!\\)<script/);
  });
});

describe("json", () => {
  it("is the whole result", () => {
    expect(JSON.parse(render(faulty, "json"))).toEqual(faulty);
  });
});

describe("csv", () => {
  const HEAD =
    "#RunID,ClientID,MsgCount,MsgBytes,MsgsPerSec,BytesPerSec,DurationSecs,MinLatencyMicroSecs," +
    "AvgLatencyMicroSecs,MaxLatencyMicroSecs,P50LatencyMicroSecs,P90LatencyMicroSecs,P99LatencyMicroSecs," +
    "P99.9LatencyMicroSecs,StdDevLatencyMicroSecs";

  it("has the columns of nats bench and a row for each client", () => {
    const [head, ...rows] = render(resultOf([scenarioResultOf(10)]), "csv")
      .trimEnd()
      .split("\n");
    expect(head).toBe(HEAD);
    expect(rows.map((row) => row.split(",").slice(0, 7))).toEqual([
      ["0123abcd-0", "P0", "5000", "640000", "500.00", "64000.00", "10.000000"],
      ["0123abcd-0", "P1", "5000", "640000", "500.00", "64000.00", "10.000000"],
    ]);
    const latencies = (rows[0] as string).split(",").slice(7).map(Number);
    const { service } = figuresOf(scenarioResultOf(10)).stages;
    expect(latencies[5]).toBeCloseTo((service?.p99 ?? Number.NaN) / 1000, 2);
    expect(latencies).toHaveLength(8);
    expect(latencies.every((one) => one > 0)).toBe(true);
  });

  it("has the same number of cells in each row, even with hostile names and without measurements", () => {
    for (const result of [hostileResult(), nothing, faulty]) {
      const rows = render(result, "csv").trimEnd().split("\n");
      expect(new Set(rows.map((row) => row.split(",").length))).toEqual(new Set([15]));
    }
  });
});

describe("hgrm", () => {
  it("has each stage as hdr-histogram-js writes it, in milliseconds", () => {
    const one = faultyScenario();
    const parts = render(resultOf([one]), "hgrm")
      .split(/^#\[Tag: /m)
      .slice(1);
    expect(parts.map((part) => part.split(",")[0])).toEqual(["response", "service", "delay"]);
    for (const [i, { histogram }] of stagesOf(one.measured).entries()) {
      const text = toHdr(histogram).outputPercentileDistribution(5, 1e6);
      expect(parts[i]).toContain(text.trimEnd());
    }
  });

  it("states that nothing was recorded", () => {
    expect(render(nothing, "hgrm")).toBe("#[Nothing was recorded]\n");
  });
});

describe("hlog", () => {
  function read(log: string) {
    const reader = new HistogramLogReader(log, 64);
    const rows = [];
    for (let row = reader.nextIntervalHistogram(); row; row = reader.nextIntervalHistogram()) rows.push(row);
    return rows;
  }

  it("has each second of each stage, which add up to the whole run", () => {
    const one = { ...faultyScenario(), window: { from: 0, until: 6, drained: 5.25 } };
    const log = render(resultOf([one]), "hlog");
    expect(listTags(log)).toEqual(["response", "service", "delay"]);
    const rows = read(log).filter(({ tag }) => tag === "response");
    const startedAt = Date.parse("2026-03-01T10:20:30.456Z");
    expect(rows.map(({ startTimeStampMsec }) => startTimeStampMsec - startedAt)).toEqual(
      [0, 1, 2, 3, 4, 5].map((second) => expect.closeTo(second * 1000, 2)),
    );
    const last = rows.at(-1);
    expect((last?.endTimeStampMsec ?? 0) - (last?.startTimeStampMsec ?? 0)).toBeCloseTo(250, 2);
    const whole = toHdr(recorded(one.measured.response) as Histogram);
    const sum = toHdr(new Histogram());
    for (const row of rows) sum.add(row as unknown as typeof sum);
    expect(sum.outputPercentileDistribution()).toBe(whole.outputPercentileDistribution());
  });

  it("tags each stage with its scenario if there are several", () => {
    const named = (name: string) => scenarioResultOf(1, 10, { scenario: scenarioOf(1, { name }) });
    const tags = listTags(render(resultOf([named("first one"), named("b,c")]), "hlog"));
    expect(tags).toContain("first_one/service");
    expect(tags).toContain("b_c/service");
  });
});
