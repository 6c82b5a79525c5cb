/**
 * Every option of `natscope bench`, one row each. Flags, keys of a scenario file, `--help` and docs/bench.md are derived
 * from the rows. Options of the connection are rows of `nats/connect/table.ts`.
 *
 * Names and defaults are those of `nats bench` if it has the same option. A different name of `nats bench` is an alias.
 */
import { defaultText, isFrom, type OptionRows } from "../../input/option.ts";
import type { Resolved } from "../../input/resolve.ts";
import type { Workload } from "../workloads/workload.ts";
import { isWorkloadOption, type WorkloadOption } from "../workloads/workload-options.ts";
import { WORKLOADS, workloadOf } from "../workloads/workloads.ts";
import { LOAD_OPTIONS } from "./load-options.ts";
import { MESSAGE_OPTIONS } from "./message-options.ts";
import type { BenchOption, BenchValueOf } from "./option.ts";
import { RUN_OPTIONS } from "./run-options.ts";
import { STORE_OPTIONS } from "./store-options.ts";

/** The table, in the order of `--help`. */
export const OPTIONS = {
  ...LOAD_OPTIONS,
  ...MESSAGE_OPTIONS,
  ...STORE_OPTIONS,
  ...RUN_OPTIONS,
} satisfies Readonly<Record<WorkloadOption, BenchOption<unknown>>>;

export type OptionName = keyof typeof OPTIONS;

/** Values of all options. */
export type OptionValues = {
  readonly [Name in OptionName]: BenchValueOf<(typeof OPTIONS)[Name]>;
};

/** Values of options, with the place of each. */
export type ResolvedOptions = Omit<Resolved<typeof OPTIONS>, "values"> & { readonly values: OptionValues };

/** Names of the options, in the order of the table. */
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** Names of the options that have flags. */
export const FLAG_NAMES = OPTION_NAMES.filter((name) => isFrom("flag", optionOf(name)));

/** The row of an option, without the type of its value. */
export function optionOf(name: OptionName): BenchOption<unknown> {
  return OPTIONS[name];
}

/** Rows of the options of a scope. @param workload fills in its defaults */
export function rowsOf(scope: BenchOption<unknown>["scope"], workload?: string): OptionRows {
  const names = OPTION_NAMES.filter((name) => optionOf(name).scope === scope);
  const definition = workload === undefined ? undefined : workloadOf(workload);
  return Object.fromEntries(names.map((name) => [name, withDefaultFor(definition, optionOf(name))]));
}

/** The row with its default for a workload. */
export function withDefaultFor(
  workload: Workload | undefined,
  row: BenchOption<unknown>,
): BenchOption<unknown> {
  const value = workload && row.defaultFor?.(workload);
  return value === undefined ? row : { ...row, default: value };
}

/** Whether a workload takes an option. */
export function appliesTo(option: string, workload: string): boolean {
  return !isWorkloadOption(option) || workloadOf(workload).options.includes(option);
}

/** The default for all workloads that take an option: `128; obj put, obj get 128KiB`. */
export function defaultTextForAll(name: OptionName): string | undefined {
  const row = optionOf(name);
  if (!row.defaultFor) return defaultText(row);
  const { defaultRule, ...withoutRule } = row;
  const texts = WORKLOADS.filter((workload) => appliesTo(name, workload.name)).map((workload) => ({
    workload: workload.name,
    text: defaultText(withDefaultFor(workload, withoutRule)),
  }));
  const byText = [...Map.groupBy(texts, ({ text }) => text)].sort((a, b) => b[1].length - a[1].length);
  const parts = byText.map(([text, some], at) =>
    at === 0 ? (text ?? "none") : `${some.map(({ workload }) => workload).join(", ")} ${text ?? "none"}`,
  );
  return [...parts, ...(defaultRule === undefined ? [] : [defaultRule])].join("; ");
}
