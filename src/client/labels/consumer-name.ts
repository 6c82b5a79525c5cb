/**
 * Names of consumers in metrics and spans. Ephemeral consumers share one name, because each gets a new one.
 */

import { looksLikeId } from "./subject-folding.ts";

/** All consumers of a stream with generated names: ephemeral and ordered ones. */
export const EPHEMERAL = "_ephemeral";

/**
 * Name of a consumer whose configuration is known: its durable name, or the name that the application chose,
 * unless a part of it looks like a number or an id (`worker-3`, `oc_<id>_1`).
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

/** Name of a consumer whose configuration is not known. */
export function bareName(name: string): string {
  return looksLikeId(name) ? EPHEMERAL : name;
}

/**
 * The only subject that a consumer receives, possibly with wildcards; undefined for several subjects or all.
 */
export function filterOf(subjects: unknown): string | undefined {
  const [one, ...more] = Array.isArray(subjects) ? (subjects as unknown[]) : [subjects];
  return typeof one === "string" && one !== "" && one !== ">" && more.length === 0 ? one : undefined;
}
