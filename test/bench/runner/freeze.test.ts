/**
 * The experiment that reveals coordinated omission: the server is frozen for half a second in the middle of a steady
 * load. One operation in sixteen waits for it, so the 99th percentile of the response time must show it.
 */
import { describe, expect, it } from "vitest";
import type { StageFigures } from "../../../src/bench/result/figures.ts";
import { figuresOf } from "../../../src/bench/result/figures.ts";
import { type RunningNatsServer, runNatsServer } from "../../../tools/nats-server/run.ts";
import { SERVER_VERSIONS } from "../../outside-programs.ts";
import { scenarioOf } from "../workloads/scenarios.ts";
import { benchmark, onlyResult, steadily } from "./benchmarks.ts";

const SECONDS = 8;
const MS = 1e6;

/** 1,000 a second; frozen in the middle. */
async function frozenRun(
  server: RunningNatsServer,
  workload: "request" | "pubsub" | "js e2e",
  maxInFlight?: number,
) {
  const scenario = scenarioOf(workload, {
    amount: { seconds: SECONDS },
    load: steadily(1000, SECONDS, maxInFlight),
  });
  const command = `kill -STOP ${server.pid}; sleep 0.5; kill -CONT ${server.pid}`;
  const result = onlyResult(
    await benchmark(server, [scenario], { events: [{ second: SECONDS / 2, command }] }),
  );
  expect(result.account).toMatchObject({ sent: 8000, completed: 8000, lost: 0, failed: {} });
  const { response, service } = figuresOf(result).stages as Record<string, StageFigures>;
  return { result, response: response as StageFigures, service: service as StageFigures };
}

describe("a server that is frozen for 500 ms", () => {
  it.each(["request", "pubsub", "js e2e"] as const)("shows in the response time of %s", async (workload) => {
    await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
    const { result, response } = await frozenRun(server, workload);
    expect(response.p99).toBeGreaterThan(300 * MS);
    expect(response.max).toBeGreaterThan(450 * MS);
    // Most operations are not affected.
    expect(response.p50).toBeLessThan(200 * MS);
    const [event] = result.events;
    expect(event).toMatchObject({ kind: "command", command: { end: "exit code 0" } });
    expect(event?.recovery?.firstSuccess).toBeGreaterThanOrEqual(0);
  });

  it("does not show in the service time of a closed loop with one operation in flight", async () => {
    await using server = await runNatsServer({ version: SERVER_VERSIONS[0]?.version });
    const { result, response, service } = await frozenRun(server, "request", 1);
    expect(response.p99).toBeGreaterThan(300 * MS);
    expect(service.p99).toBeLessThan((response.p99 as number) / 3);
    expect(service.max).toBeGreaterThan(450 * MS);
    // The wait is counted and reported.
    expect(result.verdict.verdict).not.toBe("valid");
    expect(result.verdict.reasons.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/operations had to wait/),
    );
  });
});
