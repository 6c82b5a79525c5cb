/** Key-value buckets: operations, and the entries that watches, history and keys deliver. */
import type { Attributes, Span } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { type Bucket, bucketOf } from "../stores/bucket.ts";
import { wrapBucketManager } from "../stores/openers.ts";
import { runOperation } from "../stores/operation.ts";
import { wrapListing, wrapWatch } from "../stores/queue.ts";
import type { EntryShape, KeyValueShape } from "../stores/shapes.ts";
import { MAX_LINKS, SPANS } from "../tracing/span-kinds.ts";
import { delegate } from "../wrapping/delegate.ts";

/**
 * Wraps a bucket: its operations are timed and have spans. Administration (`status`, `destroy`) is not
 * instrumented.
 * @param raw `KV` of a raw connection
 */
export function wrapKeyValue<KeyValue extends object>(
  instrumentation: Instrumentation,
  raw: KeyValue,
): KeyValue {
  const kv = raw as KeyValue & KeyValueShape;
  const bucket = bucketOf(instrumentation, "keyValue", kv.bucket);
  const count = entryCounter(bucket);
  const write =
    (operation: "put" | "create" | "update") =>
    (...input: unknown[]) =>
      runOperation(bucket, SPANS[operation], () => kv[operation](...input), noteRevision);
  const remove =
    (operation: "delete" | "purge", name: "delete" | "purge" | "remove" = operation) =>
    (...input: unknown[]) =>
      runOperation(bucket, SPANS[operation], () => kv[name](...input));
  return delegate(raw, {
    put: write("put"),
    create: write("create"),
    update: write("update"),
    delete: remove("delete"),
    purge: remove("purge"),
    remove: remove("purge", "remove"),
    get: (...input: unknown[]) =>
      runOperation(
        bucket,
        SPANS.get,
        () => kv.get(...input),
        (entry, span) => {
          if (!entry) return;
          span.setAttributes(entryAttributes(entry));
          linkToWriter(instrumentation, entry, span);
        },
      ),
    keys: (...input: unknown[]) =>
      wrapListing(
        bucket,
        SPANS.keys,
        () => kv.keys(...input),
        () => count("keys"),
      ),
    history: (...input: unknown[]) =>
      wrapListing(
        bucket,
        SPANS.history,
        () => kv.history(...input),
        (entry, operation, nth) => {
          count("history");
          if (nth <= MAX_LINKS) operation.describe((span) => linkToWriter(instrumentation, entry, span));
        },
      ),
    watch: (...input: unknown[]) =>
      wrapWatch(
        bucket,
        () => kv.watch(...input),
        (entry) => {
          count("watch");
          return { attributes: entryAttributes(entry), headers: storedHeaders(entry) };
        },
      ),
  });
}

/**
 * Wraps a `Kvm`, so that its buckets are instrumented.
 * @param raw created from a raw connection or JetStream client
 */
export function wrapKvm<Kvm extends object>(instrumentation: Instrumentation, raw: Kvm): Kvm {
  return wrapBucketManager(instrumentation, raw, wrapKeyValue);
}

function entryCounter({ instrumentation, name }: Bucket) {
  const { keyValueEntries } = instrumentation.metrics.vectors;
  return (operation: "keys" | "history" | "watch") => {
    keyValueEntries.of(name, operation).value++;
  };
}

function noteRevision(revision: number, span: Span): void {
  span.setAttribute("messaging.nats.kv.revision", revision);
}

function entryAttributes({ revision, operation }: EntryShape): Attributes {
  return { "messaging.nats.kv.revision": revision, "messaging.nats.kv.operation": operation };
}

/** Links to the span in which the entry was written, if the writer's client sent its context. */
function linkToWriter({ tracing }: Instrumentation, entry: EntryShape, span: Span): void {
  span.addLinks(tracing?.parentOf(storedHeaders(entry), true).links ?? []);
}

function storedHeaders({ sm }: EntryShape) {
  return sm?.header ?? sm?.headers;
}
