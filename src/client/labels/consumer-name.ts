/** What a consumer is called in metrics and spans. The names of ephemeral consumers are one more each time. */

import { looksLikeId } from "./subject-folding.ts";

/** Stands for all consumers of a stream whose names were made up: ephemeral and ordered ones. */
export const EPHEMERAL = "_ephemeral";

/**
 * Of a consumer whose configuration is known: its durable name, or else a name that the application chose, if
 * no part of it looks like a number or an id (`worker-3`, `oc_<id>_1`).
 */
export function configuredName({ durable_name: durable, name }: ConfiguredName): string {
  if (durable) return durable;
  return name && !name.split(/[-_]/).some(looksLikeId) ? name : EPHEMERAL;
}

/** The part of `ConsumerConfig` that names a consumer. */
interface ConfiguredName {
  readonly durable_name?: string;
  readonly name?: string;
}

/** Of a consumer of which nothing else is known. */
export function bareName(name: string): string {
  return looksLikeId(name) ? EPHEMERAL : name;
}

/** The one subject that a consumer receives, a pattern perhaps; undefined where there are several, or all. */
export function filterOf(subjects: unknown): string | undefined {
  const [one, ...more] = Array.isArray(subjects) ? (subjects as unknown[]) : [subjects];
  return typeof one === "string" && one !== "" && one !== ">" && more.length === 0 ? one : undefined;
}
