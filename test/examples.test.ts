/** Runs every program in `examples/` against a real server, and checks its output and its metrics. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { json, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningNatsServer, runNatsServer } from "../tools/nats-server/run.ts";
import { EXAMPLES, type Example } from "./examples/expected.ts";
import { SERVER_VERSIONS } from "./outside-programs.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PRELOAD = new URL("examples/preload.ts", import.meta.url).href;

let server: RunningNatsServer;
beforeAll(async () => {
  server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
});
afterAll(() => server[Symbol.asyncDispose]());

/** The environment without NATS variables except these. */
function environmentWith(variables: Record<string, string>): Record<string, string | undefined> {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("NATS_"));
  return { ...Object.fromEntries(others), ...variables };
}

interface Result {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
  readonly samples: Record<string, number>;
}

async function run(name: string, { environment }: Example): Promise<Result> {
  const variables = environment?.(server.clientUrl) ?? { NATS_URL: server.clientUrl };
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--import", PRELOAD, `examples/${name}.ts`],
    { cwd: ROOT, env: environmentWith(variables), stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  try {
    const [stdout, stderr, metrics, [code]] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      json(child.stdio[3] as Readable).catch(() => []),
      once(child, "exit"),
    ]);
    return { code, lines: stdout.trimEnd().split("\n"), stderr, samples: samplesIn(metrics as Metric[]) };
  } finally {
    child.kill("SIGKILL");
  }
}

/** A metric as `getMetricsAsJSON()` returns it. */
interface Metric {
  readonly name: string;
  readonly values: readonly {
    readonly metricName?: string;
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
}

/** As `name label label: value`, without what is zero, buckets, sums and round trips. */
function samplesIn(metrics: readonly Metric[]): Record<string, number> {
  const samples = metrics.flatMap(({ name, values }) =>
    values.map(({ metricName = name, labels, value }) => ({
      series: [metricName, ...Object.values(labels)].join(" "),
      value,
    })),
  );
  const nonZero = samples.filter(
    ({ series, value }) => value !== 0 && !/^\S+_(bucket|sum|round_trip_seconds)\b/.test(series),
  );
  return Object.fromEntries(nonZero.map(({ series, value }) => [series, value]));
}

const programs = readdirSync(`${ROOT}examples`).filter((file) => file.endsWith(".ts"));

it("every example has a test, a line in the README, and a command in its header", () => {
  expect(programs).toEqual(Object.keys(EXAMPLES).map((name) => `${name}.ts`));
  const list = readFileSync(`${ROOT}examples/README.md`, "utf8");
  for (const program of programs) {
    expect(list).toContain(`| [${program}](${program}) `);
    expect(readFileSync(`${ROOT}examples/${program}`, "utf8")).toMatch(
      new RegExp(String.raw`^/\*\*\n \* [^\n]+\n(?: \*[^\n]*\n)* \* {5}.*node examples/${program}\b`),
    );
  }
});

it.each(Object.entries(EXAMPLES))(
  "%s prints the expected lines and records the expected metrics",
  async (name, example) => {
    const { code, lines, stderr, samples } = await run(name, example);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(lines).toEqual(
      example.output.map((line) => (line instanceof RegExp ? expect.stringMatching(line) : line)),
    );
    expect(samples).toEqual(example.metrics);
  },
);
