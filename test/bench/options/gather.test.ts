import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBenchArguments } from "../../../src/bench/options/command-line.ts";
import { gatherBenchmark } from "../../../src/bench/options/gather.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "natscope-bench-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Without the natscli contexts of the user who runs the tests. */
const ENVIRONMENT = { XDG_CONFIG_HOME: "/nowhere" };

async function gather(...argv: readonly string[]) {
  const asked = readBenchArguments(argv);
  if (asked.asked === "help") throw new Error("it asked for help");
  return gatherBenchmark(asked, ENVIRONMENT);
}

const words = (line: string) => gather(...line.split(" "));

async function scenarioOf(line: string) {
  const { scenarios, problems } = await words(line);
  expect(problems).toEqual([]);
  return scenarios[0];
}

async function file(text: string, ...flags: readonly string[]) {
  const path = join(directory, "scenarios.yaml");
  writeFileSync(path, text);
  const gathered = await gather("run", path, ...flags);
  return { ...gathered, problems: gathered.problems.map((one) => one.replace(`${directory}/`, "")) };
}

describe("defaults", () => {
  it("are those of nats bench", async () => {
    expect(await scenarioOf("pub foo")).toMatchObject({
      name: "pub",
      clients: 1,
      receivers: 0,
      amount: { messages: 100_000 },
      load: { kind: "closed", inFlight: 1000 },
      warmupSeconds: 0,
      drainSeconds: 5,
      subject: { base: "foo", count: 1 },
      payload: { size: { kind: "fixed", bytes: 128 } },
      timeoutMs: 5000,
    });
    expect(await scenarioOf("js consume")).toMatchObject({
      stream: {
        name: "benchstream",
        create: true,
        storage: "file",
        replicas: 1,
        maxBytes: 2 ** 30,
        consumer: "nats-bench",
        consumerExists: false,
        batch: 500,
        acks: "explicit",
        doubleAck: false,
      },
    });
    expect(await scenarioOf("js pub async")).toMatchObject({ load: { kind: "closed", inFlight: 500 } });
    expect(await scenarioOf("js pub async --batch 7")).toMatchObject({ load: { inFlight: 7 } });
    expect(await scenarioOf("js pub sync --dedup")).toMatchObject({
      load: { inFlight: 1 },
      stream: { dedupSeconds: 120 },
    });
    expect(await scenarioOf("kv put --msgs 50")).toMatchObject({ bucket: { keys: 50, order: "sequential" } });
    expect(await scenarioOf("kv put --randomize 7")).toMatchObject({ bucket: { keys: 7, order: "random" } });
    expect((await scenarioOf("serve"))?.amount).toEqual({});
  });

  it("sets a duration and a warm-up at the rate of an open loop", async () => {
    expect(await scenarioOf("request --rate 100")).toMatchObject({
      amount: { seconds: 30 },
      warmupSeconds: 5,
      load: {
        kind: "open",
        stages: [
          { from: 100, to: 100, seconds: 5 },
          { from: 100, to: 100, seconds: 30 },
        ],
        maxInFlight: 100_000,
      },
    });
    expect(await scenarioOf("request --throughput 100 --duration 2s")).toMatchObject({ warmupSeconds: 2 });
    expect(await scenarioOf("request --rate 100 --duration 100s")).toMatchObject({ warmupSeconds: 10 });
    expect(await scenarioOf("request --rate 100 --msgs 50")).toMatchObject({ warmupSeconds: 0 });
    expect(await scenarioOf("js pub sync --rate 100")).toMatchObject({ load: { maxInFlight: 1 } });
    const batched = await scenarioOf("js pub async --rate 100 --batch 7");
    expect(batched).toMatchObject({ load: { maxInFlight: 7 } });
    // Operations in flight must fit into memory.
    const large = await scenarioOf("pub --rate 100 --clients 4 --size 1MB");
    expect(large).toMatchObject({ load: { maxInFlight: 128 } });
    const mixed = await scenarioOf("pub --rate 100 --size 0..1MB");
    expect(mixed).toMatchObject({ load: { maxInFlight: 1024 } });
  });

  it("take a named stream, bucket or consumer as existing", async () => {
    expect(await scenarioOf("js consume --stream S --consumer C")).toMatchObject({
      stream: { name: "S", create: false, consumer: "C", consumerExists: true },
    });
    expect(await scenarioOf("js consume --stream S --create")).toMatchObject({ stream: { create: true } });
    expect(await scenarioOf("kv get --bucket B --keys 5")).toMatchObject({
      bucket: { create: false, keys: 5 },
    });
    expect(await scenarioOf("obj put --no-create --purge")).toMatchObject({
      bucket: { create: false, purge: true },
    });
  });
});

describe("stages", () => {
  it("run one after another, after a warm-up at their first rate", async () => {
    expect(await scenarioOf("pubsub --stage 10..100/5s --stage 100/10s --warmup 1s")).toMatchObject({
      amount: { seconds: 15 },
      warmupSeconds: 1,
      load: {
        stages: [
          { from: 10, to: 10, seconds: 1 },
          { from: 10, to: 100, seconds: 5 },
          { from: 100, to: 100, seconds: 10 },
        ],
      },
    });
  });
});

describe("contradictions", () => {
  it.each([
    ["pub --clients 20 --msgs 10", "--clients is 20: expected up to 10, the number of messages (--msgs)"],
    ["pub --rate 5 --stage 5/5s", "--rate and --stage exclude each other: expected one of them"],
    ["pub --stage 0/5s", "--stage sends nothing: expected a rate above 0"],
    ["pub --arrival poisson", "--arrival needs --rate or --stage"],
    ["pub --warmup 5s", "--warmup needs --duration"],
    [
      "kv watch --size 8",
      "--size is too small: expected 32 bytes or more, for the stamp that kv watch writes into each value",
    ],
    ["pub --size 5 --payload package.json", "--size and --payload exclude each other"],
    ["pub --payload /no/such", '--payload names "/no/such", which does not exist'],
    ["request --external --receivers 2", "--receivers and --external exclude each other"],
    ["pub --subjects 3 --multisubject", "--subjects and --multisubject exclude each other"],
    ["pub --multisubjectmax 3", "--multisubjectmax needs --multisubject"],
    ["pub --subject-order zipf", "--subject-order needs --subjects"],
    ["js pub sync --purge", "--purge needs an existing stream or bucket: expected its name, or --no-create"],
    ["js pub sync --stream S --replicas 3", "--replicas needs --create"],
    [
      "js consume --consumer C --create",
      "--consumer needs an existing stream: expected --stream without --create",
    ],
    ["js consume --stream S --consumer C --filter x", "--filter and --consumer exclude each other"],
    ["js pub sync --no-dedup --dedup-window 5s", "--dedup-window and --no-dedup exclude each other"],
    ["js pub async --batch 5 --in-flight 5", "--batch and --in-flight exclude each other"],
    ["kv put --randomize 5 --keys 5", "--randomize and --keys exclude each other"],
    ["pub --msgs 5 --msgs 6", "--msgs is given 2 times: expected once"],
    ["pub --queue q", "--queue does not apply to pub: expected sub, pubsub, request or serve"],
    ["js pub sync --in-flight 5", "--in-flight does not apply to js pub sync"],
    [
      "pub --threshold settled.p99<5ms",
      '--threshold "settled.p99<5ms": pub (closed loop) has no settled.p99',
    ],
    ["pub --threshold x/lost==0", '--threshold "x/lost==0": there is no scenario x'],
    ["pub --threshold lost", '--threshold "lost" is no threshold: expected FIGURE'],
    ["pub --out /nowhere/x.json", "--out names /nowhere/x.json, which is in a directory that does not exist"],
    ["pub --report x.doc", '--report is "x.doc": expected a name that ends with one of .txt'],
    ["pub --creds /no/such", '--creds names "/no/such", which does not exist'],
  ])("are reported before anything is sent: %s", async (line, problem) => {
    const { problems } = await words(line);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it("are reported together", async () => {
    const { problems } = await words(
      "pub --rate 0 --size x --clients 0 --queue q --threshold y<1 --nkey /no",
    );
    expect(problems).toHaveLength(6);
  });
});

describe("a file", () => {
  it("has scenarios, and options for all of them", async () => {
    const { scenarios, order, values, problems } = await file(
      `
order: in turn
duration: 4s
queue: workers          # for scenarios that have a queue group
scenarios:
  - { name: quiet, workload: request, rate: 50 }
  - name: busy
    workload: pubsub
    stages: [50..500/2s, 500/3s]
    headers: ["a:b", "c:d"]
  - { workload: js pub sync, msgs: 100 }
thresholds: [quiet/response.p99<5ms, lost==0]
events: ["1s:true"]
`,
      "--clients",
      "2",
    );
    expect(problems).toEqual([]);
    expect(order).toBe("in turn");
    expect(values.threshold?.map(({ text }) => text)).toEqual(["quiet/response.p99<5ms", "lost==0"]);
    expect(values.event).toEqual([{ second: 1, command: "true" }]);
    expect(scenarios).toMatchObject([
      { name: "quiet", clients: 2, amount: { seconds: 4 }, queue: "workers" },
      {
        name: "busy",
        clients: 2,
        amount: { seconds: 5 },
        headers: [
          ["a", "b"],
          ["c", "d"],
        ],
      },
      { name: "js pub sync", clients: 2, amount: { messages: 100 } },
    ]);
    expect(scenarios[2]).not.toHaveProperty("queue");
  });

  it("is reported with all its errors, each with its place", async () => {
    const { problems } = await file(`
order: sideways
clints: 5
bucket: B
scenarios:
  - { workload: requst }
  - { workload: pub, queue: q, rate: fast }
  - { name: x, rate: 5 }
  - just text
  - { name: y, workload: sub }
  - { name: y, workload: sub, out: x.json }
`);
    expect(problems).toEqual([
      expect.stringContaining('scenarios.yaml:3 "clints" is not an option; did you mean clients?'),
      expect.stringContaining("scenarios.yaml:9 scenarios has an entry that is not a mapping"),
      expect.stringContaining('scenarios.yaml:11 "out" is not an option of a scenario'),
      expect.stringContaining('scenarios.yaml:2 order is "sideways": expected together or in turn'),
      expect.stringContaining('scenarios.yaml:6 workload is "requst": expected'),
      expect.stringContaining('scenarios.yaml:7 rate is "fast": expected a number'),
      expect.stringContaining("scenarios.yaml:7 queue does not apply to pub"),
      expect.stringContaining("scenarios.yaml:8 name: the scenario has no workload: expected pub,"),
      expect.stringContaining("scenarios.yaml:4 bucket does not apply to pub or sub: expected kv put"),
      expect.stringContaining('several scenarios have the name "y"'),
    ]);
  });

  it("cannot create the same stream in two scenarios at the same time", async () => {
    const scenarios = `
scenarios:
  - { name: a, workload: js pub sync }
  - { name: b, workload: js e2e }
`;
    expect((await file(scenarios)).problems).toEqual([
      expect.stringContaining(
        "scenarios a and b both create stream benchstream: expected different names, or order: in turn",
      ),
    ]);
    expect((await file(`order: in turn${scenarios}`)).problems).toEqual([]);
  });

  it("gives each scenario its own subject, so that no responder answers publishes of another scenario", async () => {
    const { scenarios, problems } = await file(`
scenarios:
  - { name: a, workload: request }
  - { name: b, workload: js pub sync }
`);
    expect(problems).toEqual([]);
    expect(scenarios.map(({ subject }) => subject.base)).toEqual(["natscope.bench.1", "natscope.bench.2"]);
    const same = await file(`
subject: x
scenarios:
  - { name: a, workload: request }
  - { name: b, workload: js pub sync }
`);
    expect(same.problems).toEqual([
      expect.stringContaining(
        "responders of scenario a would answer what b publishes on x: expected different subjects",
      ),
    ]);
  });

  it.each([
    ["", 'has no scenarios: expected a list under "scenarios"'],
    ["- a", "is not a mapping: expected scenarios: and a list"],
    ["scenarios: []", "scenarios is empty: expected a list of mappings"],
    ["a: {", "is not YAML"],
  ])("is reported if it is not a file of scenarios: %j", async (text, problem) => {
    expect((await file(text)).problems).toEqual([expect.stringContaining(problem)]);
  });

  it("is reported if it does not exist", async () => {
    const { problems } = await words("run /no/such.yaml");
    expect(problems).toEqual(["natscope bench run names /no/such.yaml, which does not exist"]);
  });
});
