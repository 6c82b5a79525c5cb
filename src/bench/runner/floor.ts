/**
 * The floor of the load generator: the same load, by the same threads and client, against a peer that only speaks the
 * protocol. No measurement can be faster than the floor, and one that is close to it measures mostly the generator.
 * Takes three seconds for each scenario, so it is measured on request only.
 *
 * Only for core NATS and publishes to a stream: other workloads need more of a server than the peer implements. Without
 * TLS and credentials, because the floor concerns the client and its threads, not the connection.
 */
import { randomInt } from "node:crypto";
import { NullPeer } from "../environment/null-peer.ts";
import type { Histogram } from "../measure/histogram.ts";
import type { StageName } from "../measure/stage.ts";
import type { StageHistograms } from "../result/schema.ts";
import type { Load, Scenario } from "../scenario/scenario.ts";
import { workloadOf } from "../workloads/workloads.ts";
import { runLoad } from "./scenario-run.ts";
import { encodedOf } from "./timeline.ts";

const WARMUP_SECONDS = 1;
const SECONDS = 2;

/** Undefined for workloads without a floor, or if it could not be measured. */
export async function floorOf(
  scenario: Scenario,
  processors: number,
  signal: AbortSignal,
): Promise<StageHistograms | undefined> {
  if (!workloadOf(scenario.workload).canCalibrate) return undefined;
  const peer = await NullPeer.begin();
  try {
    const { histograms } = await runLoad({
      scenario: shortened(scenario),
      reach: { options: { servers: [peer.address] } },
      run: randomInt(1, 2 ** 16),
      processors,
      signal,
    });
    return encodedOf(histograms.window as ReadonlyMap<StageName, Histogram>);
  } catch {
    return undefined;
  } finally {
    await peer.stop();
  }
}

/** A shorter scenario, at the maximum rate of its stages, with its own responders. */
function shortened(scenario: Scenario): Scenario {
  return {
    ...scenario,
    load: shortenedLoad(scenario.load),
    amount: { seconds: SECONDS },
    warmupSeconds: WARMUP_SECONDS,
    drainSeconds: 1,
    receivers: scenario.isExternal ? Math.max(1, scenario.receivers) : scenario.receivers,
    isExternal: false,
  };
}

function shortenedLoad(load: Load): Load {
  if (load.kind === "closed") return load;
  const rate = Math.max(...load.stages.flatMap(({ from, to }) => [from, to]));
  return { ...load, stages: [{ from: rate, to: rate, seconds: WARMUP_SECONDS + SECONDS }] };
}
