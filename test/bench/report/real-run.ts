/** A result of a short run against a real server, made of what a run leaves. */
import type { Result } from "../../../src/bench/result/schema.ts";
import type { RunRecord } from "../../../src/bench/runner/run-record.ts";
import { runScenario } from "../../../src/bench/runner/scenario-run.ts";
import { encodedOf } from "../../../src/bench/runner/timeline.ts";
import type { Scenario } from "../../../src/bench/scenario/scenario.ts";
import { SECOND } from "../../../src/time/clock.ts";
import { resultOf, scenarioOf, scenarioResultOf } from "./results.ts";

/** Two seconds of requests, 500 a second. */
export function shortRun(): Scenario {
  return scenarioOf(2, {
    load: {
      kind: "open",
      stages: [{ from: 500, to: 500, seconds: 2 }],
      arrival: "uniform",
      maxInFlight: 1000,
    },
  });
}

/** @param clientUrl of the server */
export async function resultOfRealRun(clientUrl: string, scenario: Scenario): Promise<Result> {
  const record = await runScenario({
    scenario,
    reach: { options: { servers: [new URL(clientUrl).host] } },
    run: 7,
    processors: 2,
    signal: new AbortController().signal,
  });
  return resultOf([scenarioOfRecord(record)], { startedAt: record.startedAt.toISOString() });
}

function scenarioOfRecord(record: RunRecord) {
  const { from, until, drained } = record.window;
  return scenarioResultOf(0, 0, {
    scenario: record.scenario,
    driver: record.driver,
    carrier: record.carrier,
    window: { from: from / SECOND, until: until / SECOND, drained: drained / SECOND },
    warmup: encodedOf(record.histograms.warmup),
    measured: encodedOf(record.histograms.window),
    seconds: record.seconds,
    account: record.account,
    clients: record.clients,
    events: record.events,
  });
}
