/** Key-value buckets and object stores before a run: created or found, as the scenario says. */
import type { AdminLink } from "../driver/admin-link.ts";
import type { BucketChoice, Scenario } from "../scenario/scenario.ts";
import { RunError } from "../worker/run-error.ts";
import { streamNameOf, workloadOf } from "../workloads/workloads.ts";
import type { CreatedAssets } from "./created-assets.ts";

/** Creates the scenario's bucket or store, or finds it and empties it if the user asked for that. */
export async function ensureBucket(
  admin: AdminLink,
  created: CreatedAssets,
  scenario: Scenario,
): Promise<void> {
  const choice = scenario.bucket as BucketChoice;
  const { name, create, purge } = choice;
  const stream = streamNameOf(scenario) as string;
  const isStore = workloadOf(scenario.workload).on === "objects";
  const what = `${isStore ? "object store" : "bucket"} ${name}`;
  const found = await admin.stream(stream);
  if (found && create) {
    throw new RunError(
      "bucket_exists",
      `${what} exists already: use it with --no-create, or set another name with --bucket`,
    );
  }
  if (!found && !create) {
    throw new RunError(
      "bucket_missing",
      `${what} does not exist: set another name with --bucket, or create it with --create`,
    );
  }
  if (found) {
    if (purge) await admin.purgeStream(stream);
    return;
  }
  created.stream(stream);
  const settings = { ...choice, description: created.mark };
  await (isStore ? admin.createObjectStore(settings) : admin.createKeyValue(settings));
}
