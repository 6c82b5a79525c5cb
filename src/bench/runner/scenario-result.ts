/** Builds the saved result from the record and the observation of a run. Pure. */

import { SECOND } from "../../time/clock.ts";
import { headerWithoutSecret } from "../environment/secrets.ts";
import type { ServerSample } from "../environment/server-sample.ts";
import type {
  CrossCheck,
  Interference,
  RunEvent,
  ScenarioResult,
  ServerSecond,
  StageHistograms,
} from "../result/schema.ts";
import { evidenceOf, type Unjudged } from "../result/verdict/evidence.ts";
import { verdictOf } from "../result/verdict/verdict.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ThreadOutcome } from "../worker/protocol.ts";
import type { RunRecord } from "./run-record.ts";
import { encodedOf } from "./timeline.ts";

/** Observations around the run of one scenario. */
interface ScenarioContext {
  readonly disturbance: Omit<Interference, "threads" | "floor" | "serverOnThisHost">;
  readonly floor: StageHistograms | undefined;
  readonly serverOnThisHost: boolean;
  /** Each with its second of the run. */
  readonly samples: readonly (ServerSample & { readonly second: number })[];
  /** All events, in the order of time. */
  readonly events: readonly RunEvent[];
  readonly crossCheck: readonly CrossCheck[];
  /** Notes besides those of the run itself. */
  readonly notes: readonly string[];
}

/** The result of a scenario, with its verdict. */
export function scenarioResultOf(record: RunRecord, context: ScenarioContext): ScenarioResult {
  const { driver, carrier, seconds, clients } = record;
  const scenario = scenarioWithoutSecrets(record.scenario);
  const { disturbance, floor, serverOnThisHost } = context;
  const notes = [...record.notes, ...context.notes];
  const unjudged: Unjudged = {
    scenario,
    driver,
    carrier,
    window: {
      from: record.window.from / SECOND,
      until: record.window.until / SECOND,
      drained: record.window.drained / SECOND,
    },
    warmup: encodedOf(record.histograms.warmup),
    measured: encodedOf(record.histograms.window),
    seconds,
    account: { ...record.account, crossCheck: [...record.account.crossCheck, ...context.crossCheck] },
    clients,
    server: context.samples.map(serverSecond),
    events: context.events,
    interference: {
      threads: record.outcomes.map(threadOf),
      ...disturbance,
      ...(floor && { floor }),
      serverOnThisHost,
    },
    ...(notes.length > 0 && { notes }),
  };
  return { ...unjudged, verdict: verdictOf(evidenceOf(unjudged, record.interrupted)) };
}

/** Without the content of a payload file and the values of headers that authenticate. */
function scenarioWithoutSecrets(scenario: Scenario): Scenario {
  const { payload, headers } = scenario;
  const { file, ...rest } = payload;
  return {
    ...scenario,
    payload: { ...rest, ...(file && { file: { path: file.path, size: file.size } }) },
    headers: headers.map(headerWithoutSecret),
  };
}

function serverSecond({ second, name, values }: ServerSample & { readonly second: number }): ServerSecond {
  return { second, server: name, values };
}

function threadOf({ assignment, eventLoopUtilization, gcMs, longestGcMs, ranMs }: ThreadOutcome, at: number) {
  return {
    role: `${assignment.role} ${at}`,
    eventLoopUtilization,
    gcShare: ranMs > 0 ? gcMs / ranMs : 0,
    longestGcMs,
  };
}
