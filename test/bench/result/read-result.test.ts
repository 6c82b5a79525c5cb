import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../../src/bench/measure/encoding.ts";
import { Histogram } from "../../../src/bench/measure/histogram.ts";
import { FORMATS, type FormatName, render } from "../../../src/bench/report/formats.ts";
import { readResult } from "../../../src/bench/result/read-result.ts";
import type { Result } from "../../../src/bench/result/schema.ts";
import { scenarioResultOf as resultOfRecord } from "../../../src/bench/runner/scenario-result.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { InvalidValue } from "../../../src/input/invalid-value.ts";
import { runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer } from "../../outside-programs.ts";
import { faultyScenario, resultOf, scenarioOf, scenarioResultOf } from "../report/results.ts";
import { BUCKET, run, STREAM, scenarioOf as scenarioToRun } from "../workloads/scenarios.ts";

/** Would be seen in any sentence. */
const SECRET = "QQSECRET";

/** With every field that a result may have. */
const full: Result = resultOf([fullScenario(), scenarioResultOf(2, 100)], {
  interrupted: SECRET,
  environment: {
    host: {
      platform: "linux",
      kernel: "6.1",
      processor: SECRET,
      processors: 4,
      memoryBytes: 2 ** 34,
      container: true,
      cpuLimit: 1.5,
    },
    runtime: { node: "26.10.0", v8: "14.6" },
    servers: [{ name: SECRET, version: "2.15.2", cluster: "c", roundTripMs: 0.1, tls: true, local: false }],
    command: [SECRET],
    fingerprint: SECRET,
  },
});

function fullScenario() {
  const histogram = new Histogram();
  for (let i = 0; i < 1000; i++) histogram.record(1_000 * i);
  const hiccups = encode(histogram);
  const faulty = faultyScenario();
  const scenario: Scenario = {
    ...scenarioOf(6, {
      name: SECRET,
      queue: SECRET,
      threads: 2,
      headers: [["a", SECRET]],
      amount: { messages: 6000, seconds: 6 },
    }),
    payload: {
      size: { kind: "weighted", choices: [{ bytes: 1, weight: 2 }] },
      randomShare: 0.5,
      file: { path: SECRET, size: 5 },
    },
    stream: { ...STREAM, dedupSeconds: 2, filter: SECRET },
    bucket: BUCKET,
  };
  return {
    ...faulty,
    scenario,
    warmup: faulty.measured,
    account: { ...faulty.account, storedUnacked: 1, failed: { [SECRET]: 200 } },
    notes: [SECRET],
    events: [
      {
        second: 1,
        kind: "command",
        what: SECRET,
        recovery: { firstSuccess: 1, latency: 2 },
        command: { end: "0", seconds: 1, output: SECRET },
      },
    ],
    interference: {
      threads: [{ role: "sender 0", eventLoopUtilization: 0.5, gcShare: 0.01, longestGcMs: 2 }],
      stealShare: 0.1,
      throttledShare: 0.1,
      hiccups,
      probe: hiccups,
      floor: { response: hiccups },
      serverOnThisHost: true,
    },
  } as const;
}

const saved = (result: unknown) => `${JSON.stringify(result, null, 2)}\n`;

function whyNot(text: string): string {
  const read = readResult(text);
  if (!(read instanceof InvalidValue)) throw new Error("it was read");
  expect(read.why).toMatch(/^\S.{0,250}$/);
  expect(read.why).not.toContain(SECRET);
  return read.why;
}

// biome-ignore lint/suspicious/noExplicitAny: a file may contain anything
type Change = (value: any) => void;

/** The full result after a change to what JSON has of it. */
function changed(change: Change): string {
  const value = JSON.parse(saved(full));
  change(value);
  return saved(value);
}

describe("a saved result", () => {
  it("is read as it was, bytes and all, and writes itself again", () => {
    const read = readResult(saved(full));
    expect(read).toEqual(full);
    expect(render(read as Result, "json")).toBe(saved(full));
    expect(readResult(JSON.stringify(full))).toEqual(full);
  });

  it("is read with every kind of size and load", () => {
    for (const size of [
      { kind: "fixed", bytes: 0 },
      { kind: "uniform", least: 1, most: 2 },
      { kind: "normal", mean: 1, deviation: 1, most: 5 },
      { kind: "weighted", choices: [] },
    ] as const) {
      const scenario = scenarioOf(1, {
        payload: { size, randomShare: 0 },
        load: { kind: "closed", inFlight: 3 },
      });
      const result = resultOf([scenarioResultOf(1, 1, { scenario })]);
      expect(readResult(saved(result))).toEqual(result);
    }
  });

  it("may have more in it than this natscope knows", () => {
    const read = readResult(changed((value) => Object.assign(value.scenarios[0].account, { later: 1 })));
    expect(read).toMatchObject({ scenarios: [{ account: { later: 1 } }, {}] });
  });

  it("is refused with a sentence if it was cut off anywhere", () => {
    const text = saved(full);
    const unbroken = text.trimEnd().length;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: unbroken - 1 }), (length) => {
        expect(whyNot(text.slice(0, length))).toMatch(/^ends in the middle of a result: /);
      }),
      { numRuns: 1000 },
    );
    expect(readResult(text.slice(0, unbroken))).toEqual(full);
  });

  it("with anything in any place of it is refused, or every report can be made of it", {
    timeout: 120_000,
  }, () => {
    const places = [...placesIn(JSON.parse(saved(full)))];
    const anything = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, -1, 0, 0.5, 1e15, 1e308, SECRET, "", true, [], {}, [SECRET], {
        [SECRET]: SECRET,
      }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), anything, (place, value) => {
        const text = changed((result) => {
          const parent = place.slice(0, -1).reduce((one, key) => one[key], result);
          parent[place.at(-1) as string] = value;
        });
        const read = readResult(text);
        if (read instanceof InvalidValue) whyNot(text);
        else for (const name of Object.keys(FORMATS) as FormatName[]) render(read, name);
      }),
      { numRuns: 300 },
    );
  });
});

function* placesIn(value: unknown, place: readonly string[] = []): Generator<readonly string[]> {
  if (place.length > 0) yield place;
  if (typeof value !== "object" || value === null) return;
  for (const [key, one] of Object.entries(value)) yield* placesIn(one, [...place, key]);
}

describe("what is refused", () => {
  it.each([
    ["", "is empty"],
    [" \n", "is empty"],
    [SECRET, "is not JSON: expected a result of natscope bench"],
    [`{"natscope": ${SECRET}}`, "is not JSON: expected a result of natscope bench"],
    ["null", "is JSON, but not a result of natscope bench"],
    [`[{"${SECRET}": 1}]`, "is JSON, but not a result of natscope bench"],
    ['{"natscope": null}', "is JSON, but not a result of natscope bench"],
    ['{"natscope": {"result": "1"}}', "is JSON, but not a result of natscope bench"],
    ['{"natscope": {"result": 0.5}}', "is JSON, but not a result of natscope bench"],
    ['{"natscope": {"result": 1}}', "is a damaged result: natscope.version is missing"],
    [
      '{"natscope": {"result": 2, "version": "0.9.1-rc.1"}}',
      "was written by natscope 0.9.1-rc.1, result version 2; this natscope reads 1",
    ],
    [
      `{"natscope": {"result": 12, "version": "${SECRET}"}}`,
      "was written by another natscope, result version 12; this natscope reads 1",
    ],
    [
      `{"natscope": {"result": 2, "version": ["${SECRET}"]}}`,
      "was written by another natscope, result version 2; this natscope reads 1",
    ],
  ])("%s", (text, why) => {
    expect(whyNot(text)).toBe(why);
  });

  const cases: readonly [string, Change][] = [
    ["startedAt must be a time such as 2026-03-01T10:20:30.456Z", (value) => (value.startedAt = SECRET)],
    ["scenarios must have at least one scenario", (value) => (value.scenarios = [])],
    ["scenarios[1].account.lost is missing", ({ scenarios }) => delete scenarios[1].account.lost],
    [
      "scenarios[0].account.failed must be an object of numbers",
      ({ scenarios }) => (scenarios[0].account.failed[SECRET] = SECRET),
    ],
    [
      "scenarios[0].seconds[5].counters.sent must be a number",
      ({ scenarios }) => (scenarios[0].seconds[5].counters.sent = null),
    ],
    [
      "scenarios[0].seconds[0].counters.errors must not be negative",
      ({ scenarios }) => (scenarios[0].seconds[0].counters.errors = -1),
    ],
    [
      "scenarios[0].scenario.load.kind must be one of closed, open",
      ({ scenarios }) => (scenarios[0].scenario.load = { kind: SECRET }),
    ],
    [
      "scenarios[0].scenario.load.kind is missing",
      ({ scenarios }) => (scenarios[0].scenario.load = [SECRET]),
    ],
    [
      "scenarios[0].scenario.payload.file.size must be a number",
      ({ scenarios }) => (scenarios[0].scenario.payload.file.size = { [SECRET]: 1 }),
    ],
    ["scenarios[1].seconds must be a list", ({ scenarios }) => (scenarios[1].seconds = SECRET)],
  ];
  it.each(cases)("a result whose %s", (why, change) => {
    expect(whyNot(changed(change))).toBe(`is a damaged result: ${why}`);
  });

  it("a result with an unknown workload, and lists the known ones", () => {
    const why = whyNot(changed(({ scenarios }) => (scenarios[0].scenario.workload = SECRET)));
    expect(why).toMatch(/scenarios\[0\]\.scenario\.workload must be one of pub, .*, obj get$/);
  });

  it("a number that is too large for one", () => {
    const text = saved(full).replace(/"timeoutMs": 5000/, '"timeoutMs": 1e999');
    expect(whyNot(text)).toBe("is a damaged result: scenarios[0].scenario.timeoutMs must be a finite number");
  });

  it("any histogram that cannot be decoded, by its place", () => {
    const damaged = "AAAA";
    const otherDigits = full.scenarios[0]?.interference.hiccups?.slice(0, 12) as string;
    for (const [place, change] of [
      ["[0].measured.delay", ({ scenarios }) => (scenarios[0].measured.delay = damaged)],
      ["[1].warmup.settled", ({ scenarios }) => (scenarios[1].warmup.settled = damaged)],
      ["[0].seconds[3].stages.service", ({ scenarios }) => (scenarios[0].seconds[3].stages.service = SECRET)],
      ["[0].interference.hiccups", ({ scenarios }) => (scenarios[0].interference.hiccups = otherDigits)],
      ["[0].interference.probe", ({ scenarios }) => (scenarios[0].interference.probe = "")],
      [
        "[0].interference.floor.response",
        ({ scenarios }) => (scenarios[0].interference.floor.response = damaged),
      ],
    ] as typeof cases) {
      expect(whyNot(changed(change))).toBe(
        `is a damaged result: the histogram scenarios${place} is not in HdrHistogram's V2 compressed encoding, or is damaged`,
      );
    }
  });

  it("more of anything than a run can have", () => {
    const many = (length: number, value: unknown) => Array.from({ length }, () => value);
    expect(whyNot(changed((value) => (value.scenarios = many(1001, null))))).toBe(
      "is a damaged result: scenarios must have no more than 1000 entries",
    );
    expect(whyNot(changed(({ scenarios }) => (scenarios[0].seconds = many(172_801, null))))).toBe(
      "is a damaged result: scenarios[0].seconds must have no more than 172800 entries",
    );
    const withLoad = (arrival: string, rate: number) =>
      changed(({ scenarios }) => {
        const stages = [{ from: rate, to: rate, seconds: 11 }];
        scenarios[0].scenario.load = { kind: "open", maxInFlight: 1, arrival, stages };
      });
    const tooMany =
      "is a damaged result: scenarios[0].scenario.load must not have more operations than can be counted";
    expect(whyNot(withLoad("poisson", 2e9))).toBe(tooMany);
    expect(whyNot(withLoad("uniform", 1e15))).toBe(tooMany);
    expect(readResult(withLoad("uniform", 1e9))).not.toBeInstanceOf(InvalidValue);
  });
});

describeEachServer("the result of a real run", ({ binary }) => {
  /** Workloads without timing or without a sender, and the one with the largest number of stages. */
  it("is read as it was, and all reports are made of it", async () => {
    await using server = await runNatsServer({ binary });
    const runs: readonly [string, Partial<Scenario>][] = [
      ["pub", {}],
      ["sub", { amount: { seconds: 1 } }],
      ["serve", {}],
      ["js e2e", {}],
      ["obj put", { amount: { messages: 5 } }],
    ];
    for (const [workload, different] of runs) {
      const stop = new AbortController();
      const record = await run(server.clientUrl, scenarioToRun(workload, different), {
        signal: stop.signal,
        progress: { second: () => workload === "serve" && stop.abort() },
      });
      const around = {
        samples: [],
        events: record.events,
        crossCheck: [],
        notes: [],
        disturbance: {},
        serverOnThisHost: true,
      };
      const result = resultOf([resultOfRecord(record, { ...around, floor: undefined })]);
      const read = readResult(render(result, "json"));
      expect(read).toEqual(result);
      for (const name of Object.keys(FORMATS) as FormatName[]) {
        expect(render(read as Result, name)).toBe(render(result, name));
      }
    }
  });
});
