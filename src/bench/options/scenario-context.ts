/** Input of a scenario: values of its options, and the means to report problems. */
import type { InvalidValue } from "../../input/invalid-value.ts";
import type { ResolvedOptions } from "./options.ts";

export interface ScenarioContext {
  readonly workload: string;
  readonly options: ResolvedOptions;
  /** Number of the scenario, if there are several. */
  readonly number: number | undefined;
  /** Timeout of requests and of JetStream's API. */
  readonly timeoutMs: number;
  readonly readFile: (path: string) => Uint8Array | InvalidValue;
  /** Called with a sentence for each problem. */
  readonly report: (problem: string) => void;
}

/** Amount and length of a scenario's load. */
export interface Amount {
  readonly messages: number | undefined;
  readonly seconds: number | undefined;
  readonly warmup: number;
}
