/** A benchmark that runs as long as the stage and serves its live metrics. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNatscope } from "../cli/natscope.ts";
import type { Rig } from "../rig/rig.ts";
import { until } from "../rig/until.ts";

const SCENARIOS = `
duration: 1h
warmup: 0s
scenarios:
  - { name: replies, workload: request, rate: 150 }
  - { name: stored, workload: js e2e, rate: 50, storage: memory, max_bytes: 48MB }
events: ["3s:true"]
`;

/** Starts the benchmark; resolves to the `host:port` of its metrics. */
export async function startBenchmark(rig: Rig): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "natscope-bench-"));
  const file = join(directory, "scenarios.yaml");
  await writeFile(file, SCENARIOS);
  const server = new URL(rig.server("n1").clientUrl).host;
  const argv = ["bench", "run", file, "--metrics-listen", "127.0.0.1:0", "-s", server];
  const asUser = ["--user", "app", "--password", "app"];
  const benchmark = startNatscope([...argv, ...asUser], { XDG_CONFIG_HOME: "/nowhere" }, (end) =>
    rig.onStop(async () => {
      await end();
      await rm(directory, { recursive: true });
    }),
  );
  return until("the benchmark to serve its metrics", () => {
    const url = /metrics of this run are at (\S+)/.exec(benchmark.stderr)?.[1];
    return url && new URL(url).host;
  });
}
