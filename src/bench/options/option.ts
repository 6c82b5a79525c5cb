/** A row of the table of options. Which workloads take an option is in `workloads/`. */

import type { Kind } from "../../input/kinds.ts";

/** Headings of the options, in the order in which they are shown. */
export const GROUPS = [
  "How much",
  "What",
  "Streams",
  "Buckets",
  "Around the run",
  "What comes of it",
] as const;
export type Group = (typeof GROUPS)[number];

/** A row. */
export interface Option<Value> {
  readonly group: Group;
  readonly kind: Kind<Value>;
  /** One line, without its default. */
  readonly help: string;
  /** What it is where nobody says it, for a reader: some depend on the workload. */
  readonly preset?: string;
  /** Other flags for the same, most of them natscli's. */
  readonly aliases?: readonly string[];
  /** The flag takes no value; `--no-...` says the opposite. */
  readonly isSwitch?: true;
  readonly repeats?: true;
  /** Of each scenario, or of the run as a whole. */
  readonly of: "scenario" | "run";
  /** Where it can be said, if not everywhere. */
  readonly only?: "flag" | "file";
}
