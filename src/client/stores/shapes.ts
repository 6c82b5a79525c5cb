/**
 * The parts of key-value buckets and object stores that are used, as both generations have them: `nats` 2.x,
 * and `@nats-io/kv` and `@nats-io/obj` 3.x. Arguments are given on as they come, and have no types here.
 */
import type { HeadersShape } from "../shapes/headers.ts";

/** A method that is called upon its object, with whatever the application gave. */
export type Method<Result> = (...input: unknown[]) => Result;

/** `QueuedIterator`. */
export interface QueueShape<Item> extends AsyncIterable<Item> {
  getPending(): number;
  stop(...input: unknown[]): void;
}

/** `KV`. */
export interface KeyValueShape {
  /** Not in the interface, but in the class behind it. */
  readonly bucket: string;
  readonly put: Method<Promise<number>>;
  readonly create: Method<Promise<number>>;
  /** Throws at once for a version that cannot be. */
  readonly update: Method<Promise<number>>;
  readonly get: Method<Promise<EntryShape | null>>;
  readonly delete: Method<Promise<void>>;
  readonly purge: Method<Promise<void>>;
  /** Deprecated: `purge` under its old name. */
  readonly remove: Method<Promise<void>>;
  readonly keys: Method<Promise<QueueShape<string>>>;
  readonly history: Method<Promise<QueueShape<EntryShape>>>;
  readonly watch: Method<Promise<QueueShape<EntryShape>>>;
}

/** `KvEntry` and `KvWatchEntry`. */
export interface EntryShape {
  readonly revision: number;
  readonly operation: string;
  /** The stored message, not part of the public interface: one that was read, or one of a consumer. */
  readonly sm?: { readonly header?: HeadersShape; readonly headers?: HeadersShape };
}

/** `ObjectStore`. */
export interface ObjectStoreShape {
  /** Not in the interface, but in the class behind it. */
  readonly name: string;
  readonly put: Method<Promise<ObjectInfoShape>>;
  readonly putBlob: Method<Promise<ObjectInfoShape>>;
  readonly get: Method<Promise<ObjectResultShape | null>>;
  readonly getBlob: Method<Promise<Uint8Array | null>>;
  readonly delete: Method<Promise<object>>;
  readonly list: Method<Promise<readonly ObjectInfoShape[]>>;
  /** Of 2.x the items may be null: all objects that were there before have been given. */
  readonly watch: Method<Promise<QueueShape<ObjectInfoShape | null>>>;
}

/** `ObjectInfo`. */
export interface ObjectInfoShape {
  /** Bytes. */
  readonly size: number;
  readonly chunks: number;
}

/** `ObjectResult`. Its `error` is nobody's business but the application's. */
export interface ObjectResultShape {
  readonly info: ObjectInfoShape;
  readonly data: ReadableStream<Uint8Array>;
}

/** `Views` of 2.x. */
export interface ViewsShape {
  readonly kv: Method<Promise<object>>;
  readonly os: Method<Promise<object>>;
}

/** `Kvm` and `Objm` of 3.x. */
export interface BucketManagerShape {
  readonly create: Method<Promise<object>>;
  readonly open: Method<Promise<object>>;
}
