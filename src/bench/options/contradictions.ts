/** Problems between bench options that are valid by themselves. Pure. */
import { flagOf } from "../../input/option.ts";
import { smallestSize } from "../scenario/size.ts";
import { minSizeOf, workloadOf } from "../workloads/workloads.ts";
import type { OptionName } from "./options.ts";
import type { Amount, ScenarioContext } from "./scenario-context.ts";

/** Reports contradictions between options of load and messages. */
export function reportContradictions(context: ScenarioContext, amount: Amount): void {
  reportLoadContradictions(context, amount);
  reportMessageContradictions(context);
}

function reportLoadContradictions({ workload, options, report }: ScenarioContext, amount: Amount): void {
  const { values, placeOf, isGiven } = options;
  const { messages, seconds, warmup } = amount;
  const { clients, stage: stages } = values;
  const { sends, inFlight } = workloadOf(workload);
  const exclude = excluding(options, report);
  if (sends && messages !== undefined && clients > messages) {
    report(
      `${placeOf("clients")} is ${clients}: expected up to ${messages}, the number of messages (${placeOf("msgs")})`,
    );
  }
  exclude("rate", "stage");
  exclude("duration", "stage");
  if (stages.length > 0 && stages.every(({ from, to }) => from === 0 && to === 0)) {
    report(`${placeOf("stage")} sends nothing: expected a rate above 0`);
  }
  if (isGiven("arrival") && values.rate === undefined && stages.length === 0) {
    report(`${placeOf("arrival")} needs ${flagOf("rate")} or ${flagOf("stage")}`);
  }
  if (warmup > 0 && seconds === undefined) {
    report(`${placeOf("warmup")} needs ${flagOf("duration")}`);
  }
  if (typeof inFlight === "object" && inFlight.alias === "batch") exclude("batch", "inFlight");
}

function reportMessageContradictions({ workload, options, report }: ScenarioContext): void {
  const { values, placeOf, isGiven } = options;
  const exclude = excluding(options, report);
  const minSize = minSizeOf(workloadOf(workload));
  if (isGiven("size") && smallestSize(values.size) < minSize) {
    report(
      `${placeOf("size")} is too small: expected ${minSize} bytes or more, for the stamp that ${workload} writes into each value`,
    );
  }
  exclude("size", "payload");
  if (values.external) exclude("receivers", "external");
  exclude("subjects", "multisubject");
  for (const detail of ["multisubjectmax", "multisubjectrandomize"] as const) {
    if (isGiven(detail) && !values.multisubject) report(`${placeOf(detail)} needs ${flagOf("multisubject")}`);
  }
  const isOneSubject = isGiven("subjects") ? values.subjects === 1 : !values.multisubject;
  if (isGiven("subjectOrder") && isOneSubject)
    report(`${placeOf("subjectOrder")} needs ${flagOf("subjects")}`);
}

/** Reports contradictions between options of a stream, bucket or object store. @param create whether the run creates it */
export function reportStoreContradictions({ options, report }: ScenarioContext, create: boolean): void {
  const { values, placeOf, isGiven } = options;
  const exclude = excluding(options, report);
  if (create && values.purge) {
    report(`${placeOf("purge")} needs an existing stream or bucket: expected its name, or --no-create`);
  }
  for (const setting of ["storage", "replicas", "maxBytes", "history"] as const) {
    if (!create && isGiven(setting)) report(`${placeOf(setting)} needs ${flagOf("create")}`);
  }
  if (create && isGiven("consumer")) {
    report(
      `${placeOf("consumer")} needs an existing stream: expected ${flagOf("stream")} without ${flagOf("create")}`,
    );
  }
  if (values.dedup === false) exclude("dedupWindow", "dedup");
  exclude("filter", "consumer");
  exclude("randomize", "keys");
  exclude("randomize", "keyOrder");
}

function excluding(
  { placeOf, isGiven }: ScenarioContext["options"],
  report: ScenarioContext["report"],
): (one: OptionName, other: OptionName) => void {
  return (one, other) => {
    if (!isGiven(one) || !isGiven(other)) return;
    report(`${placeOf(one)} and ${placeOf(other)} exclude each other: expected one of them`);
  };
}
