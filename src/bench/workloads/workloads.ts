/** All workloads, in the order of the help: the list that the command line, the runner and the reports look into. */
import type { Carrier } from "../measure/stamp.ts";
import { STAMP_BYTES } from "../measure/stamp.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { carrierOf } from "../worker/messages.ts";
import { CORE } from "./core.ts";
import { KEY_VALUE } from "./key-value.ts";
import { OBJECT_STORE } from "./object-store.ts";
import { STREAM_WORKLOADS } from "./stream.ts";
import type { Delivery, Workload } from "./workload.ts";

/** A workload is an object in the file of its family. */
export const WORKLOADS: readonly Workload[] = [...CORE, ...STREAM_WORKLOADS, ...KEY_VALUE, ...OBJECT_STORE];

/** The words after `natscope bench`. */
export const WORKLOAD_NAMES: readonly string[] = WORKLOADS.map(({ name }) => name);

const BY_NAME = new Map(WORKLOADS.map((one) => [one.name, one]));

/** The workload of that name. Throws if the name is unknown: input is validated before. */
export function workloadOf(name: string): Workload {
  const found = BY_NAME.get(name);
  if (!found) throw new Error(`there is no workload ${JSON.stringify(name)}`);
  return found;
}

/** How the receivers of a scenario share what is sent. */
export function deliveryOf(scenario: Scenario): Delivery {
  return workloadOf(scenario.workload).delivery?.(scenario) ?? "none";
}

/** Place of the stamps in the messages of a scenario, as a result states it. */
export function stampedIn({ workload, payload }: Scenario): Carrier | "none" {
  const { stamp } = workloadOf(workload);
  return stamp === "message" ? carrierOf(payload) : stamp;
}

/** Minimum of `--size`, in bytes. */
export function minSizeOf({ stamp }: Workload): number {
  return stamp === "payload" ? STAMP_BYTES : 0;
}

/** The stream that a scenario works on: its own, or the one behind its bucket or object store. */
export function streamNameOf({ workload, stream, bucket }: Scenario): string | undefined {
  if (stream) return stream.name;
  if (!bucket) return undefined;
  return `${workloadOf(workload).on === "objects" ? "OBJ" : "KV"}_${bucket.name}`;
}
