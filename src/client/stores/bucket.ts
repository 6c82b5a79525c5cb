/** A bucket, of keys or of objects: its name in metrics and spans, and the operations in progress on it. */
import type { Attributes } from "@opentelemetry/api";
import type { Instrumentation, OpenOperation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import type { Histogram, Vector } from "../metrics/cells.ts";

/** Facts that all operations on a bucket share. */
export interface Bucket {
  readonly instrumentation: Instrumentation;
  /** The name that the application uses. */
  readonly name: string;
  /** The bucket's stream. Keys and names of objects are never recorded. */
  readonly destination: Destination;
  /** Attributes of all its spans. */
  readonly attributes: Attributes;
  /** By bucket, operation and outcome. */
  readonly durations: Vector<Histogram>;
  readonly openOperations: Set<OpenOperation>;
}

const KINDS = {
  keyValue: { streamPrefix: "KV_", attribute: "messaging.nats.kv.bucket" },
  object: { streamPrefix: "OBJ_", attribute: "messaging.nats.object.bucket" },
} as const;

/** Describes a bucket of a connection. */
export function bucketOf(instrumentation: Instrumentation, kind: keyof typeof KINDS, name: string): Bucket {
  const { streamPrefix, attribute } = KINDS[kind];
  return {
    instrumentation,
    name,
    destination: instrumentation.subjects.ofName(`${streamPrefix}${name}`),
    attributes: { [attribute]: name },
    durations: instrumentation.metrics.vectors[kind],
    openOperations: instrumentation.openOperations,
  };
}
