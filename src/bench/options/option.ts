/** A row of the table of options, and which workloads one may belong to. */

import type { Kind } from "../../input/kinds.ts";
import type { Workload, WorkloadName } from "../scenario/workload.ts";

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
  /** Which workloads have it; absent: all. */
  readonly has?: Applies;
}

/** Whether a workload has an option. */
export type Applies = (workload: Workload, name: WorkloadName) => boolean;

/** Workloads that read by a durable consumer. */
export const CONSUMING: readonly WorkloadName[] = ["js consume", "js fetch", "js e2e"];

/** Sends by itself: then there is a rate, or a number in flight. */
export const sends: Applies = (workload) => workload.sends;
/** Its messages have subjects. */
export const onSubjects: Applies = ({ on }) => on === "subject" || on === "stream";
/** Works on a stream. */
export const onStream: Applies = ({ on }) => on === "stream";
/** Works on a bucket or an object store. */
export const onBucket: Applies = ({ on }) => on === "bucket" || on === "objects";
/** Works on something that has to be there, and may be made. */
export const isStored: Applies = ({ on }) => on !== "subject";
/** Publishes to a stream. */
export const publishes: Applies = (workload) => workload.sends && workload.on === "stream";
/** Sends, or fills what it reads. */
export const hasContent: Applies = (workload) => workload.sends || workload.on === "stream";
/** Values of buckets and objects have none. */
export const hasHeaders: Applies = (workload, name) =>
  onSubjects(workload, name) && hasContent(workload, name);
/** Has connections that receive or respond, beside those that send. */
export const hasReceivers: Applies = (workload, name) =>
  (workload.sends && workload.receives) || name === "request";

/** One of these. */
export function isNamed(...names: readonly WorkloadName[]): Applies {
  return (_, name) => names.includes(name);
}
