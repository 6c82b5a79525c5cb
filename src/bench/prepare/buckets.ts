/** Key-value buckets and object stores before a run: found or made, as the scenario says. */
import { DiscardPolicy, StorageType } from "nats";
import type { BucketChoice, Scenario } from "../scenario/scenario.ts";
import { RunError } from "../worker/run-error.ts";
import { streamNameOf, workloadOf } from "../workloads/workloads.ts";
import type { Admin } from "./admin.ts";
import type { Made } from "./created-assets.ts";
import { streamInfo } from "./streams.ts";

/** Finds or makes it. */
export async function readyBucket(admin: Admin, made: Made, scenario: Scenario): Promise<void> {
  const choice = scenario.bucket as BucketChoice;
  const stream = streamNameOf(scenario) as string;
  const isStore = workloadOf(scenario.workload).on === "objects";
  const what = `${isStore ? "object store" : "bucket"} ${choice.name}`;
  const found = await streamInfo(admin, stream);
  if (found && choice.create) {
    throw new RunError(
      "bucket_exists",
      `${what} exists already: use it as it is with --no-create, or name another with --bucket`,
    );
  }
  if (!found && !choice.create) {
    throw new RunError(
      "bucket_missing",
      `${what} does not exist: name another with --bucket, or have it made with --create`,
    );
  }
  if (found) {
    if (choice.purge) await admin.try(`empty ${what}`, (manager) => manager.streams.purge(stream));
    return;
  }
  made.stream(stream);
  await admin.try<unknown>(`make ${what}`, (manager) =>
    isStore
      ? manager.streams.add({ ...storeConfig(choice), description: admin.mark })
      : admin.js.views.kv(choice.name, { ...bucketConfig(choice), description: admin.mark }),
  );
}

function bucketConfig(choice: BucketChoice) {
  const { storage, replicas, history, maxBytes } = choice;
  return { storage: STORAGES[storage], replicas, history, max_bytes: maxBytes };
}

/** ADR-20. The client's own way puts `replicas` into the stream's configuration, which newer servers refuse. */
function storeConfig({ name, storage, replicas, maxBytes }: BucketChoice) {
  return {
    name: `OBJ_${name}`,
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    storage: STORAGES[storage],
    num_replicas: replicas,
    max_bytes: maxBytes,
    discard: DiscardPolicy.New,
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
}

const STORAGES = { file: StorageType.File, memory: StorageType.Memory };
