/**
 * Every option of a benchmark, once: what it is called, what it takes and what it does.
 * Flags, keys of a scenario file, `--help` and the reference are made of these rows; what is said of a
 * connection is in the room `connect`, which has rows of its own.
 *
 * The name gives flag and key: `inFlight` is `--in-flight` and `in_flight`. Names and defaults are natscli's where
 * `nats bench` has the same; where it calls the same otherwise, its name is an alias.
 */

import type { Kind } from "../../input/kinds.ts";
import { isWorkloadOption, type WorkloadOption } from "../workloads/workload-options.ts";
import { workloadOf } from "../workloads/workloads.ts";
import { LOAD_OPTIONS } from "./load-options.ts";
import { MESSAGE_OPTIONS } from "./message-options.ts";
import type { Option } from "./option.ts";
import { RUN_OPTIONS } from "./run-options.ts";
import { STORE_OPTIONS } from "./store-options.ts";

/** The table, in the order of `--help`. */
export const OPTIONS = {
  ...LOAD_OPTIONS,
  ...MESSAGE_OPTIONS,
  ...STORE_OPTIONS,
  ...RUN_OPTIONS,
} as const satisfies Readonly<Record<WorkloadOption, Option<unknown>>>;

export type OptionName = keyof typeof OPTIONS;

/** What the rows say, as far as anybody gave it; of one that repeats, all that was given. */
export type OptionValues = {
  readonly [Name in OptionName]?: (typeof OPTIONS)[Name] extends { kind: Kind<infer Value> }
    ? (typeof OPTIONS)[Name] extends { repeats: true }
      ? readonly Value[]
      : Value
    : never;
};

/** Names of the rows, in the order of the table. */
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** The row of that name, for those who treat all rows alike. */
export function optionOf(option: OptionName): Option<unknown> {
  return OPTIONS[option];
}

/** `--in-flight` */
export function flagOf(option: OptionName): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `in_flight`, as a scenario file has it; what can be said several times is a list there: `thresholds`. */
export function keyOf(option: OptionName): string {
  const key = option.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return optionOf(option).repeats ? `${key}s` : key;
}

/** Whether a workload takes an option. */
export function appliesTo(option: OptionName, workload: string): boolean {
  return !isWorkloadOption(option) || workloadOf(workload).options.includes(option);
}
