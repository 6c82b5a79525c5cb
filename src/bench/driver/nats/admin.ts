/** Administration through the JetStream manager of the `nats` client. */
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "nats";
import type { JetStreamReach } from "../../../nats/connect/connection.ts";
import type {
  AdminLink,
  BucketSettings,
  ConsumerSettings,
  ConsumerState,
  KeyValueSettings,
  SequenceRange,
  StoredMessage,
  StoreSettings,
  StreamSettings,
  StreamState,
} from "../admin-link.ts";
import { linkError } from "./failure.ts";
import { headerOf } from "./messages.ts";

const STORAGES = { file: StorageType.File, memory: StorageType.Memory };
const ACK_POLICIES = { explicit: AckPolicy.Explicit, none: AckPolicy.None, all: AckPolicy.All };
/** Messages requested at a time when a stream is read. */
const BATCH = 500;

/** A connection of the `nats` client that creates, inspects and removes. */
export class NatsAdmin implements AdminLink {
  readonly #connection: NatsConnection;
  readonly #js: JetStreamClient;
  readonly #manager: JetStreamManager;

  private constructor(connection: NatsConnection, js: JetStreamClient, manager: JetStreamManager) {
    this.#connection = connection;
    this.#js = js;
    this.#manager = manager;
  }

  /** @param connection that is up */
  static async over(connection: NatsConnection, jetstream: JetStreamReach): Promise<NatsAdmin> {
    // Without checkAPI: the user may be denied to read the account's usage.
    const options = { ...jetstream, checkAPI: false };
    const manager = await connection.jetstreamManager(options);
    return new NatsAdmin(connection, connection.jetstream(options), manager);
  }

  async stream(name: string): Promise<StreamState | undefined> {
    const info = await find(`look for stream ${name}`, () => this.#manager.streams.info(name));
    return info && streamState(info);
  }

  async consumer(stream: string, name: string): Promise<ConsumerState | undefined> {
    const attempt = `look for consumer ${name} of stream ${stream}`;
    const info = await find(attempt, () => this.#manager.consumers.info(stream, name));
    return info && consumerState(info);
  }

  async createStream(settings: StreamSettings): Promise<void> {
    const { name, subjects, dedupSeconds, description } = settings;
    await attempting(`create stream ${name}`, () =>
      this.#manager.streams.add({
        name,
        description,
        subjects: [...subjects],
        ...storeConfig(settings),
        retention: RetentionPolicy.Limits,
        duplicate_window: nanos(dedupSeconds * 1000),
      }),
    );
  }

  async createConsumer(stream: string, settings: ConsumerSettings): Promise<void> {
    const { name, description, deliver, acks, maxAckPending, ackWaitMs, inactiveMs, filter } = settings;
    await attempting(`create consumer ${name} of stream ${stream}`, () =>
      this.#manager.consumers.add(stream, {
        durable_name: name,
        description,
        deliver_policy: deliver === "new" ? DeliverPolicy.New : DeliverPolicy.All,
        ack_policy: ACK_POLICIES[acks],
        ...(acks !== "none" && { max_ack_pending: maxAckPending, ack_wait: nanos(ackWaitMs) }),
        inactive_threshold: nanos(inactiveMs),
        ...(filter !== undefined && { filter_subject: filter }),
      }),
    );
  }

  async createKeyValue(settings: KeyValueSettings): Promise<void> {
    const { name, description, storage, replicas, maxBytes, history } = settings;
    await attempting(`create bucket ${name}`, () =>
      this.#js.views.kv(name, {
        description,
        storage: STORAGES[storage],
        replicas,
        history,
        max_bytes: maxBytes,
      }),
    );
  }

  /** By ADR-20. The client's own method puts `replicas` into the stream's configuration, which newer servers reject. */
  async createObjectStore(settings: BucketSettings): Promise<void> {
    const { name, description } = settings;
    await attempting(`create object store ${name}`, () =>
      this.#manager.streams.add({
        name: `OBJ_${name}`,
        description,
        subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
        ...storeConfig(settings),
        allow_rollup_hdrs: true,
      }),
    );
  }

  async purgeStream(name: string): Promise<void> {
    await attempting(`purge stream ${name}`, () => this.#manager.streams.purge(name));
  }

  async deleteStream(name: string): Promise<void> {
    await find(`remove stream ${name}`, () => this.#manager.streams.delete(name));
  }

  async deleteConsumer(stream: string, name: string): Promise<void> {
    const attempt = `remove consumer ${name} of stream ${stream}`;
    await find(attempt, () => this.#manager.consumers.delete(stream, name));
  }

  async readStream(
    name: string,
    { from, to }: SequenceRange,
    read: (message: StoredMessage) => void,
  ): Promise<void> {
    await attempting(`read stream ${name}`, async () => {
      const consumer = await this.#js.consumers.get(name, { opt_start_seq: from });
      const messages = await consumer.consume({ max_messages: BATCH });
      for await (const { data, headers, seq, info } of messages) {
        if (seq <= to) read({ data, header: (key) => headerOf(headers, key) });
        if (seq >= to || info.pending === 0) break;
      }
      await messages.close();
      await consumer.delete();
    });
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

async function attempting<Value>(attempt: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    throw linkError(error, attempt);
  }
}

/** Undefined if the server does not have what the operation is about. */
async function find<Value>(attempt: string, operation: () => Promise<Value>): Promise<Value | undefined> {
  return attempting(attempt, async () => {
    try {
      return await operation();
    } catch (error) {
      if (error instanceof NatsError && error.api_error?.code === 404) return undefined;
      throw error;
    }
  });
}

function storeConfig({ storage, replicas, maxBytes }: StoreSettings) {
  return {
    storage: STORAGES[storage],
    num_replicas: replicas,
    max_bytes: maxBytes,
    // A full stream rejects messages instead of removing old ones.
    discard: DiscardPolicy.New,
    allow_direct: true,
  };
}

function streamState({ config, state, cluster }: StreamInfo): StreamState {
  return {
    name: config.name,
    description: config.description,
    subjects: config.subjects ?? [],
    storage: config.storage === StorageType.File ? "file" : "memory",
    replicas: config.num_replicas,
    leader: cluster?.leader,
    removesMessages: removesMessages(config),
    messages: state.messages,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
  };
}

function removesMessages(config: StreamConfig): boolean {
  const { retention, discard, max_age, max_msgs, max_bytes, max_msgs_per_subject } = config;
  return (
    retention !== RetentionPolicy.Limits ||
    max_age > 0 ||
    max_msgs_per_subject > 0 ||
    (discard === DiscardPolicy.Old && (max_msgs > 0 || max_bytes > 0))
  );
}

function consumerState({ config, delivered, num_ack_pending: unacked }: ConsumerInfo): ConsumerState {
  return { description: config.description, delivered: delivered.consumer_seq, unacked };
}
