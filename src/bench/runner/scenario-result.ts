/** From what a run left, and what was seen around it, to what is saved. Pure. */

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
import type { RunRecord } from "./scenario-run.ts";
import { encodedOf } from "./timeline.ts";

/** What was seen around one scenario's run. */
export interface Around {
  readonly disturbance: Omit<Interference, "threads" | "floor" | "serverOnThisHost">;
  readonly floor: StageHistograms | undefined;
  readonly serverOnThisHost: boolean;
  /** With the second in which each was there. */
  readonly samples: readonly (ServerSample & { readonly second: number })[];
  /** All of them, in the order of time. */
  readonly events: readonly RunEvent[];
  readonly crossCheck: readonly CrossCheck[];
  /** Sentences beside the run's own. */
  readonly notes: readonly string[];
}

/** With its verdict. */
export function scenarioResultOf(record: RunRecord, around: Around): ScenarioResult {
  const { driver, carrier, seconds, clients } = record;
  const scenario = scenarioWithoutSecrets(record.scenario);
  const { disturbance, floor, serverOnThisHost } = around;
  const notes = [...record.notes, ...around.notes];
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
    account: { ...record.account, crossCheck: [...record.account.crossCheck, ...around.crossCheck] },
    clients,
    server: around.samples.map(serverSecond),
    events: around.events,
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

/** As it may be shown to others: a file is its name and its size, and a header that proves who one is its name. */
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
