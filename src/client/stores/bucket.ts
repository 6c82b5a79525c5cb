/** A bucket, of keys or of objects: what it is called in metrics and spans, and what is under way in it. */
import { type Attributes, context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { Observer } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import type { Histogram, Vector } from "../metrics/cells.ts";

/** What the operations on a bucket have in common. */
export interface Bucket {
  readonly observer: Observer;
  /** As the application calls it. */
  readonly name: string;
  /** Its stream. Keys and names of objects are never recorded. */
  readonly destination: Destination;
  /** What all its spans say. */
  readonly attributes: Attributes;
  /** By bucket, operation and outcome. */
  readonly durations: Vector<Histogram>;
  readonly unfinished: Set<Unfinished>;
}

const KINDS = {
  keyValue: { streamPrefix: "KV_", attribute: "messaging.nats.kv.bucket" },
  object: { streamPrefix: "OBJ_", attribute: "messaging.nats.object.bucket" },
} as const;

/** A bucket of a connection, by its kind and the name that the application gave it. */
export function bucketOf(observer: Observer, kind: keyof typeof KINDS, name: string): Bucket {
  const { streamPrefix, attribute } = KINDS[kind];
  return {
    observer,
    name,
    destination: observer.subjects.ofName(`${streamPrefix}${name}`),
    attributes: { [attribute]: name },
    durations: observer.metrics.vectors[kind],
    unfinished: unfinishedOf(observer),
  };
}

/** What has to be ended with the connection: clients leave some of those who wait waiting for ever. */
export interface Unfinished {
  /** Called once at most. */
  connectionEnded(): void;
}

const UNFINISHED = new WeakMap<Observer, Set<Unfinished>>();

/** The unfinished work of all buckets of a connection. Whoever is added is to be deleted once it has ended. */
function unfinishedOf(observer: Observer): Set<Unfinished> {
  const known = UNFINISHED.get(observer);
  if (known) return known;
  const unfinished = new Set<Unfinished>();
  UNFINISHED.set(observer, unfinished);
  const endAll = () => {
    for (const one of unfinished) observer.problems.guard("metrics", () => one.connectionEnded());
  };
  // Or whoever opened the first bucket would be remembered as long as the connection lasts.
  context.with(ROOT_CONTEXT, () => observer.connection.closed().then(endAll, endAll));
  return unfinished;
}
