/**
 * Every program in `examples/` is run as a reader runs it, against a real server: it ends by itself, says what
 * it should, and leaves exactly the metrics that are written here.
 */
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

/** The reader's environment, where nothing is said about NATS but this. */
function environmentWith(variables: Record<string, string>): Record<string, string | undefined> {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("NATS_"));
  return { ...Object.fromEntries(others), ...variables };
}

interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly complaints: string;
  readonly samples: Record<string, number>;
}

async function run(name: string, { environment }: Example): Promise<Ran> {
  const variables = environment?.(server.clientUrl) ?? { NATS_URL: server.clientUrl };
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--import", PRELOAD, `examples/${name}.ts`],
    { cwd: ROOT, env: environmentWith(variables), stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
  try {
    const [said, complaints, metrics, [code]] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      json(child.stdio[3] as Readable).catch(() => []),
      once(child, "exit"),
    ]);
    return { code, lines: said.trimEnd().split("\n"), complaints, samples: samplesIn(metrics as Metric[]) };
  } finally {
    child.kill("SIGKILL");
  }
}

/** What `getMetricsAsJSON()` gives. */
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
  const told = samples.filter(
    ({ series, value }) => value !== 0 && !/^\S+_(bucket|sum|round_trip_seconds)\b/.test(series),
  );
  return Object.fromEntries(told.map(({ series, value }) => [series, value]));
}

const programs = readdirSync(`${ROOT}examples`).filter((file) => file.endsWith(".ts"));

it("every example is run, listed, and says how to run it", () => {
  expect(programs).toEqual(Object.keys(EXAMPLES).map((name) => `${name}.ts`));
  const list = readFileSync(`${ROOT}examples/README.md`, "utf8");
  for (const program of programs) {
    expect(list).toContain(`| [${program}](${program}) `);
    expect(readFileSync(`${ROOT}examples/${program}`, "utf8")).toMatch(
      new RegExp(String.raw`^/\*\*\n \* [^\n]+\n(?: \*[^\n]*\n)* \* {5}.*node examples/${program}\b`),
    );
  }
});

it.each(Object.entries(EXAMPLES))("%s", async (name, example) => {
  const { code, lines, complaints, samples } = await run(name, example);
  expect({ code, complaints }).toEqual({ code: 0, complaints: "" });
  expect(lines).toEqual(
    example.says.map((line) => (line instanceof RegExp ? expect.stringMatching(line) : line)),
  );
  expect(samples).toEqual(example.leaves);
});
