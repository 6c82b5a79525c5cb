/**
 * The members of key-value buckets and object stores that natscope uses, as both generations have them:
 * `nats` 2.x, `@nats-io/kv` and `@nats-io/obj` 3.x. Arguments are passed on unchanged and have no types here.
 */
import type { HeadersShape } from "../shapes/headers.ts";

/** A method called with the application's arguments. */
export type Method<Result> = (...input: unknown[]) => Result;

/** `QueuedIterator`. */
export interface QueueShape<Item> extends AsyncIterable<Item> {
  getPending(): number;
  stop(...input: unknown[]): void;
}

/** `KV`. */
export interface KeyValueShape {
  /** Not in the interface; a member of the class. */
  readonly bucket: string;
  readonly put: Method<Promise<number>>;
  readonly create: Method<Promise<number>>;
  /** Throws at once for an invalid version. */
  readonly update: Method<Promise<number>>;
  readonly get: Method<Promise<EntryShape | null>>;
  readonly delete: Method<Promise<void>>;
  readonly purge: Method<Promise<void>>;
  /** Deprecated name of `purge`. */
  readonly remove: Method<Promise<void>>;
  readonly keys: Method<Promise<QueueShape<string>>>;
  readonly history: Method<Promise<QueueShape<EntryShape>>>;
  readonly watch: Method<Promise<QueueShape<EntryShape>>>;
}

/** `KvEntry` and `KvWatchEntry`. */
export interface EntryShape {
  readonly revision: number;
  readonly operation: string;
  /** The stored message: one that was read, or one of a consumer. Not part of the public interface. */
  readonly sm?: { readonly header?: HeadersShape; readonly headers?: HeadersShape };
}

/** `ObjectStore`. */
export interface ObjectStoreShape {
  /** Not in the interface; a member of the class. */
  readonly name: string;
  readonly put: Method<Promise<ObjectInfoShape>>;
  readonly putBlob: Method<Promise<ObjectInfoShape>>;
  readonly get: Method<Promise<ObjectResultShape | null>>;
  readonly getBlob: Method<Promise<Uint8Array | null>>;
  readonly delete: Method<Promise<object>>;
  readonly list: Method<Promise<readonly ObjectInfoShape[]>>;
  /** In 2.x an item may be null: all objects that existed before have been delivered. */
  readonly watch: Method<Promise<QueueShape<ObjectInfoShape | null>>>;
}

/** `ObjectInfo`. */
export interface ObjectInfoShape {
  /** Bytes. */
  readonly size: number;
  readonly chunks: number;
}

/** `ObjectResult`. Its `error` is left to the application. */
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
