/** Metrics, labels and limits that all connections of a registry share. The first connection decides. */
import { Destinations } from "../labels/destination.ts";
import { ClientMetrics } from "../metrics/client-metrics.ts";
import { type RegisteredMetric, registeredMetrics } from "../metrics/registry.ts";
import type { Boundaries } from "../metrics/table.ts";

/** The options that a registry has only once: a metric has one set of buckets and one limit. */
interface SharedSettings {
  readonly subjectLimit: number;
  readonly boundaries: Boundaries;
}

/** The metrics of a registry, and the settings of the connection that created them. */
export interface SharedMetrics extends SharedSettings {
  readonly metrics: ClientMetrics;
  readonly destinations: Destinations;
  readonly registered: readonly RegisteredMetric[];
}

/** Series of one metric per subject label: some metrics also have an outcome or an error for each subject. */
const SERIES_PER_SUBJECT = 4;

/** Creates the metrics of a registry. */
export function createSharedMetrics({ boundaries, subjectLimit }: SharedSettings): SharedMetrics {
  const metrics = new ClientMetrics(boundaries, SERIES_PER_SUBJECT * subjectLimit);
  const destinations = new Destinations(subjectLimit, metrics);
  return { metrics, destinations, registered: registeredMetrics(metrics), boundaries, subjectLimit };
}

/** One error for each setting of a later connection that differs from the registry's and is ignored. */
export function ignoredSettings(
  shared: SharedMetrics,
  { boundaries, subjectLimit }: SharedSettings,
): Error[] {
  const messages: string[] = [];
  if (shared.subjectLimit !== subjectLimit) {
    messages.push(
      `\`subjects.limit\` is ${subjectLimit}: ignored, the first connection of this registry set ${shared.subjectLimit}`,
    );
  }
  if (JSON.stringify(shared.boundaries) !== JSON.stringify(boundaries)) {
    messages.push("`boundaries` differ from those of the first connection of this registry: ignored");
  }
  return messages.map((message) => new Error(message));
}
