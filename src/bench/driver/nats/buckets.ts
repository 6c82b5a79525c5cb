/**
 * Key-value buckets and object stores of the `nats` client. The client creates a missing bucket when it is opened; this
 * file checks first that the bucket exists.
 */
import { type JetStreamClient, type KV, type KvEntry, KvWatchInclude, type ObjectStore } from "nats";
import type { BucketLink, KeyValueLink, LinkHooks, ObjectLink, Open } from "../driver.ts";
import { linkError, reasonOf } from "./failure.ts";

/** Opens buckets and stores of one connection. */
export class NatsBuckets implements BucketLink {
  readonly #js: JetStreamClient;
  readonly #hooks: LinkHooks;

  constructor(js: JetStreamClient, hooks: LinkHooks) {
    this.#js = js;
    this.#hooks = hooks;
  }

  async keyValue(bucket: string): Promise<KeyValueLink> {
    try {
      await this.#requireStream(`KV_${bucket}`);
      return new NatsKeyValue(bucket, await this.#js.views.kv(bucket), this.#hooks);
    } catch (error) {
      throw linkError(error, `key-value bucket ${bucket}`);
    }
  }

  async objects(bucket: string): Promise<ObjectLink> {
    try {
      await this.#requireStream(`OBJ_${bucket}`);
      return new NatsObjects(bucket, await this.#js.views.os(bucket));
    } catch (error) {
      throw linkError(error, `object store ${bucket}`);
    }
  }

  async #requireStream(name: string): Promise<void> {
    const manager = await this.#js.jetstreamManager(false);
    await manager.streams.info(name);
  }
}

class NatsKeyValue implements KeyValueLink {
  readonly #name: string;
  readonly #bucket: KV;
  readonly #hooks: LinkHooks;

  constructor(name: string, bucket: KV, hooks: LinkHooks) {
    this.#name = name;
    this.#bucket = bucket;
    this.#hooks = hooks;
  }

  async put(key: string, value: Uint8Array): Promise<number> {
    try {
      return await this.#bucket.put(key, value);
    } catch (error) {
      throw linkError(error, `put ${key} into bucket ${this.#name}`);
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      const entry = await this.#bucket.get(key);
      return entry?.operation === "PUT" ? entry.value : undefined;
    } catch (error) {
      throw linkError(error, `get ${key} from bucket ${this.#name}`);
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await this.#bucket.delete(key);
    } catch (error) {
      throw linkError(error, `delete ${key} from bucket ${this.#name}`);
    }
  }

  async watch(deliver: (key: string, value: Uint8Array) => void): Promise<Open> {
    const attempt = `watch bucket ${this.#name}`;
    try {
      const updates = await this.#bucket.watch({ include: KvWatchInclude.UpdatesOnly });
      void deliverAll(updates, deliver).catch((error) =>
        this.#hooks.failed(`${attempt}: ${reasonOf(error)}`),
      );
      return { close: async () => updates.stop() };
    } catch (error) {
      throw linkError(error, attempt);
    }
  }
}

async function deliverAll(
  updates: AsyncIterable<KvEntry>,
  deliver: (key: string, value: Uint8Array) => void,
): Promise<void> {
  for await (const entry of updates) {
    if (entry.operation === "PUT") deliver(entry.key, entry.value);
  }
}

class NatsObjects implements ObjectLink {
  readonly #name: string;
  readonly #store: ObjectStore;

  constructor(name: string, store: ObjectStore) {
    this.#name = name;
    this.#store = store;
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    try {
      await this.#store.putBlob({ name }, content);
    } catch (error) {
      throw linkError(error, `put ${name} into object store ${this.#name}`);
    }
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      return (await this.#store.getBlob(name)) ?? undefined;
    } catch (error) {
      throw linkError(error, `get ${name} from object store ${this.#name}`);
    }
  }
}
