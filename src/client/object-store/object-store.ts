/** Object stores: operations until the whole object was sent or read, and its bytes. */
import type { Attributes } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { type Bucket, bucketOf } from "../stores/bucket.ts";
import { wrapBucketManager } from "../stores/openers.ts";
import { Operation, runOperation, within } from "../stores/operation.ts";
import { wrapWatch } from "../stores/queue.ts";
import type { ObjectInfoShape, ObjectResultShape, ObjectStoreShape } from "../stores/shapes.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { delegate } from "../wrapping/delegate.ts";
import { wrapContent } from "./content.ts";

/**
 * Wraps an object store: its operations are timed and have spans. Administration (`info`, `link`, `status`,
 * `seal`) is not instrumented.
 * @param raw the client's object store, of a raw connection
 */
export function wrapObjectStore<Store extends object>(instrumentation: Instrumentation, raw: Store): Store {
  const store = raw as Store & ObjectStoreShape;
  const bucket = bucketOf(instrumentation, "object", store.name);
  const put =
    (name: "put" | "putBlob") =>
    (...input: unknown[]) => {
      const operation = new Operation(bucket, SPANS.put);
      return within(
        operation,
        () => store[name](...input),
        (info) => {
          countBytes(bucket, "put", info.size);
          operation.describe((span) => span.setAttributes(infoAttributes(info)));
          operation.end();
          return info;
        },
      );
    };
  return delegate(raw, {
    put: put("put"),
    putBlob: put("putBlob"),
    get: (...input: unknown[]) => instrumentedGet(bucket, () => store.get(...input)),
    getBlob: (...input: unknown[]) => instrumentedGetBlob(bucket, () => store.getBlob(...input)),
    delete: (...input: unknown[]) => runOperation(bucket, SPANS.delete, () => store.delete(...input)),
    list: (...input: unknown[]) =>
      runOperation(
        bucket,
        SPANS.list,
        () => store.list(...input),
        (infos, span) => {
          span.setAttribute("messaging.batch.message_count", infos.length);
        },
      ),
    watch: (...input: unknown[]) =>
      wrapWatch(
        bucket,
        () => store.watch(...input),
        (info) => (info ? { attributes: infoAttributes(info) } : undefined),
      ),
  });
}

/**
 * Wraps an `Objm`, so that its object stores are instrumented.
 * @param raw created from a raw connection or JetStream client
 */
export function wrapObjm<Objm extends object>(instrumentation: Instrumentation, raw: Objm): Objm {
  return wrapBucketManager(instrumentation, raw, wrapObjectStore);
}

/** `get`: the result is null if the object does not exist. */
function instrumentedGet(
  bucket: Bucket,
  call: () => Promise<ObjectResultShape | null>,
): Promise<ObjectResultShape | null> {
  const operation = new Operation(bucket, SPANS.get);
  return within(operation, call, (result) => {
    if (!result) {
      operation.end();
      return result;
    }
    operation.describe((span) => span.setAttributes(infoAttributes(result.info)));
    return { ...result, data: wrapContent(bucket, operation, result.data) };
  });
}

function instrumentedGetBlob(
  bucket: Bucket,
  call: () => Promise<Uint8Array | null>,
): Promise<Uint8Array | null> {
  const operation = new Operation(bucket, SPANS.get);
  return within(operation, call, (blob) => {
    if (blob) {
      countBytes(bucket, "get", blob.length);
      operation.describe((span) => span.setAttribute("messaging.nats.object.size", blob.length));
    }
    operation.end();
    return blob;
  });
}

function countBytes({ instrumentation, name }: Bucket, operation: "put" | "get", bytes: number): void {
  instrumentation.metrics.vectors.objectBytes.of(name, operation).value += bytes;
}

function infoAttributes({ size, chunks }: ObjectInfoShape): Attributes {
  return { "messaging.nats.object.size": size, "messaging.nats.object.chunks": chunks };
}
