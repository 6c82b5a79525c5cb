/** A row of the table of bench options. The files in `workloads/` list the options of each workload. */
import type { Kind } from "../../input/kind.ts";
import type { Option, ValueOf } from "../../input/option.ts";
import type { Workload } from "../workloads/workload.ts";

/** Headings of the options, in the order of `--help`. */
export const GROUPS = ["Load", "Messages", "Streams", "Buckets", "Run", "Output"] as const;
type Group = (typeof GROUPS)[number];

export interface BenchOption<Value> extends Option<Value> {
  readonly group: Group;
  /** Whether each scenario has the option, or the run as a whole. */
  readonly scope: "scenario" | "run";
  /** Default, if it depends on the workload. Undefined: no default for that workload. */
  readonly defaultFor?: (workload: Workload) => Value | undefined;
}

/** A row whose defaults must be values of its kind. */
export function benchOption<Value, const Row extends Omit<BenchOption<Value>, "kind">>(
  kind: Kind<Value>,
  row: Row,
): Row & { readonly kind: Kind<Value> } {
  return { ...row, kind };
}

/** Value of a row. */
export type BenchValueOf<Row> = Row extends {
  readonly kind: Kind<infer Value>;
  readonly defaultFor: (workload: Workload) => infer Default;
}
  ? undefined extends Default
    ? Value | undefined
    : Value
  : ValueOf<Row>;
