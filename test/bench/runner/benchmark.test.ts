import { connect } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { render } from "../../../src/bench/report/formats.ts";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import { readResult } from "../../../src/bench/result/read-result.ts";
import type { ProgressReporter } from "../../../src/bench/runner/progress-reporter.ts";
import { freePort } from "../../../tools/nats-server/ports.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { describeEachServer, SERVER_VERSIONS } from "../../outside-programs.ts";
import { flawless, refusalOf, STREAM, scenarioOf } from "../workloads/scenarios.ts";
import { benchmark, onlyResult, steadily } from "./benchmarks.ts";

async function streamsOf({ clientUrl }: RunningNatsServer): Promise<readonly string[]> {
  const connection = await connect({ servers: clientUrl });
  try {
    const manager = await connection.jetstreamManager();
    return (await manager.streams.list().next()).map(({ config }) => config.name);
  } finally {
    await connection.close();
  }
}

describeEachServer("a benchmark", ({ version }) => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it("contains the counts of the server and the environment", async () => {
    const scenario = scenarioOf("request", { amount: { seconds: 2 }, load: steadily(200, 2) });
    const made = await benchmark(server, [scenario]);
    const one = onlyResult(made);
    expect(made.failure).toBeUndefined();
    expect(one.account).toMatchObject({
      ...flawless(400),
      crossCheck: [
        { what: "messages received by the server", expected: 800, found: 800 },
        { what: "messages delivered by the server", expected: 800, found: 800 },
      ],
    });
    expect(new Set(one.server.map((sample) => sample.server)).size).toBe(1);
    expect(one.server.length).toBeGreaterThanOrEqual(3);
    expect(one.interference.serverOnThisHost).toBe(true);
    expect(one.interference.threads.map(({ role }) => role)).toEqual(["responder 0", "sender 1"]);
    expect(one.interference.hiccups).toBeTypeOf("string");
    expect(one.interference.probe).toBeTypeOf("string");
    const { environment } = made.result;
    expect(environment.servers).toMatchObject([{ version: server.version, local: true, tls: false }]);
    expect(made.result.startedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it("runs several scenarios in turn and removes its assets", async () => {
    const began: string[] = [];
    const progress: ProgressReporter = { phase: (phase, { name }) => began.push(`${phase} ${name}`) };
    const scenarios = [
      scenarioOf("pub", { name: "one" }),
      scenarioOf("js pub async", { name: "two" }),
      scenarioOf("js e2e", { name: "three" }),
    ];
    const { result, failure } = await benchmark(server, scenarios, { order: "in turn", progress });
    expect(failure).toBeUndefined();
    expect(result.scenarios.map(({ scenario, account }) => [scenario.name, account.completed])).toEqual([
      ["one", 300],
      ["two", 300],
      ["three", 300],
    ]);
    expect(began).toEqual(
      ["one", "two", "three"].flatMap((name) => [`preparing ${name}`, `draining ${name}`, `done ${name}`]),
    );
    expect(await streamsOf(server)).toEqual([]);
  });

  it("runs several scenarios together without mixing their messages", async () => {
    const load = { amount: { seconds: 1.5 }, load: steadily(100, 1.5) };
    const scenarios = [
      scenarioOf("pubsub", { name: "one", ...load }),
      scenarioOf("pubsub", { name: "two", ...load }),
    ];
    const { result } = await benchmark(server, scenarios);
    for (const one of result.scenarios) {
      expect(one.account).toMatchObject({ ...flawless(150), received: 150 });
      expect(figuresOf(one).offered).toBeCloseTo(100, 0);
    }
  });
});

describe("a benchmark that does not run to its end", () => {
  let server: RunningNatsServer;
  beforeAll(async () => {
    server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const missing = scenarioOf("js pub sync", {
    name: "missing",
    stream: { ...STREAM, name: "nowhere", create: false },
  });

  it("rejects with the reason if no scenario could run", async () => {
    expect(await refusalOf(benchmark(server, [missing]))).toMatchObject({ type: "stream_missing" });
  });

  it("begins none of several scenarios that should begin together, and creates nothing", async () => {
    const scenarios = [scenarioOf("js pub sync", { name: "fine" }), missing];
    expect(await refusalOf(benchmark(server, scenarios))).toMatchObject({ type: "stream_missing" });
    expect(await streamsOf(server)).toEqual([]);
  });

  it("keeps the results of earlier scenarios and names those that did not run", async () => {
    const scenarios = [scenarioOf("pub", { name: "fine" }), missing, scenarioOf("pub", { name: "last" })];
    const { result, failure } = await benchmark(server, scenarios, { order: "in turn" });
    expect(failure).toMatch(/^stream nowhere does not exist.*; not run: missing, last$/);
    expect(result.interrupted).toBe(failure);
    expect(onlyResult({ result, failure }).account.completed).toBe(300);
  });

  it.each(["pub", "js e2e"] as const)(
    "does not wait for a frozen server when %s is stopped",
    async (workload) => {
      const stop = new AbortController();
      process.kill(server.pid, "SIGSTOP");
      try {
        const refused = refusalOf(benchmark(server, [scenarioOf(workload)], { signal: stop.signal }));
        setImmediate(() => stop.abort());
        // The client would wait for twenty seconds and report a timeout.
        expect(await refused).toMatchObject({
          type: "interrupted",
          message: "interrupted before the run began",
        });
      } finally {
        process.kill(server.pid, "SIGCONT");
      }
    },
  );

  it("notes the assets that it could not remove from a frozen server", async () => {
    await using frozen = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
    const stop = new AbortController();
    const progress: ProgressReporter = {
      second: () => {
        process.kill(frozen.pid, "SIGSTOP");
        stop.abort(new Error("it was stopped by SIGINT"));
      },
    };
    const scenario = scenarioOf("js e2e", { amount: { seconds: 60 }, load: steadily(50, 60) });
    try {
      const made = await benchmark(frozen, [scenario], { signal: stop.signal, progress, monitor: [] });
      expect(made.result.interrupted).toBe("it was stopped by SIGINT");
      expect(onlyResult(made).notes).toEqual([
        "the contents of the stream are unknown: look for stream benchstream: no answer in time",
        expect.stringMatching(
          /^consumer nats-bench of stream benchstream, which this run created, could not be removed: .* no answer in time$/,
        ),
        expect.stringMatching(
          /^stream benchstream, which this run created, could not be removed: .* no answer in time$/,
        ),
      ]);
    } finally {
      process.kill(frozen.pid, "SIGCONT");
    }
  });

  it("has a result when it is stopped", async () => {
    const stop = new AbortController();
    const progress: ProgressReporter = { second: () => stop.abort(new Error("it was stopped by SIGINT")) };
    const scenario = scenarioOf("request", { amount: { seconds: 60 }, load: steadily(200, 60) });
    const { result, failure } = await benchmark(server, [scenario], { signal: stop.signal, progress });
    expect(failure).toBeUndefined();
    expect(result.interrupted).toBe("it was stopped by SIGINT");
    const one = onlyResult({ result, failure });
    expect(one.verdict.verdict).toBe("invalid");
    expect(one.account.sent).toBe(one.account.completed);
    expect(one.account.sent).toBeGreaterThan(100);
    expect(one.window.until).toBeLessThan(10);
  });

  it("saves neither the content of a payload file nor the value of a header that authenticates", async () => {
    const scenario = scenarioOf("pubsub", {
      payload: {
        size: { kind: "fixed", bytes: 7 },
        randomShare: 1,
        file: { path: "order.bin", size: 7, content: Buffer.from("hunter2") },
      },
      headers: [
        ["Authorization", "Bearer hunter2"],
        ["Trace", "on"],
      ],
    });
    const { result } = await benchmark(server, [scenario]);
    expect(onlyResult({ result, failure: undefined }).account).toMatchObject(flawless(300));
    const saved = render(result, "json");
    expect(saved).not.toMatch(/hunter2|104,\s*117,\s*110/);
    expect(readResult(saved)).toEqual(result);
    expect(render(result, "text")).toMatch(/^test: pubsub, .* 7 B of order\.bin/);
    const { payload, headers } = onlyResult({ result, failure: undefined }).scenario;
    expect([payload.file, headers]).toEqual([
      { path: "order.bin", size: 7 },
      [
        ["Authorization", "***"],
        ["Trace", "on"],
      ],
    ]);
  });

  it("notes commands that failed or did not run, without their secrets", async () => {
    const scenario = scenarioOf("request", { amount: { seconds: 1.5 }, load: steadily(100, 1.5) });
    const { notes, events } = onlyResult(
      await benchmark(server, [scenario], {
        events: [
          { second: 0.5, command: "echo --password hunter2 && exit 3" },
          { second: 60, command: "never" },
        ],
      }),
    );
    expect(events.map(({ what }) => what)).toEqual(["ran: echo --password *** && exit 3"]);
    expect(notes).toEqual([
      'the command "echo --password *** && exit 3": exit code 3, saying: --password ***',
      'the command "never": not run: the benchmark ended before its time',
    ]);
  });

  it("notes given monitoring ports that do not answer", async () => {
    const unused = `http://127.0.0.1:${await freePort()}`;
    const { notes, server: counters } = onlyResult(
      await benchmark(server, [scenarioOf("pub")], { monitor: [unused] }),
    );
    expect(counters).toEqual([]);
    expect(notes).toEqual([
      expect.stringContaining(`no counters of a server: GET /varz from ${unused} failed`),
    ]);
  });
});
