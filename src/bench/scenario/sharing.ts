/** Who gets what of a scenario's messages. */
import type { Scenario } from "./scenario.ts";
import { workloadOf } from "./workload.ts";

/** How receivers share what is sent. */
export type Sharing =
  /** Nobody receives: an operation is over with its answer. */
  | "none"
  /** Each message goes to one of them. */
  | "queue"
  /** Each of them gets every message. */
  | "everybody";

/** Who gets what of a scenario's messages. */
export function sharingOf({ workload, queue }: Scenario): Sharing {
  const { receives } = workloadOf(workload);
  if (!receives || workload === "serve") return "none";
  if (workload === "js ordered" || workload === "kv watch") return "everybody";
  return workload.startsWith("js") || queue !== undefined ? "queue" : "everybody";
}
