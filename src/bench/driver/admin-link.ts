/** The administrative part of a driver: streams, consumers and buckets around a run, as plain values. */

/** A connection for administration. All methods reject with a `LinkError`. */
export interface AdminLink {
  /** Undefined if the stream does not exist. Also finds the streams behind buckets (`KV_…`) and stores (`OBJ_…`). */
  stream(name: string): Promise<StreamState | undefined>;
  /** Undefined if the stream or the consumer does not exist. */
  consumer(stream: string, name: string): Promise<ConsumerState | undefined>;
  createStream(settings: StreamSettings): Promise<void>;
  createConsumer(stream: string, settings: ConsumerSettings): Promise<void>;
  createKeyValue(settings: KeyValueSettings): Promise<void>;
  createObjectStore(settings: BucketSettings): Promise<void>;
  purgeStream(name: string): Promise<void>;
  /** Does nothing if the stream does not exist. */
  deleteStream(name: string): Promise<void>;
  /** Does nothing if the stream or the consumer does not exist. */
  deleteConsumer(stream: string, name: string): Promise<void>;
  /** Reads the messages of a stream between two sequence numbers, both inclusive. */
  readStream(name: string, range: SequenceRange, read: (message: StoredMessage) => void): Promise<void>;
  close(): Promise<void>;
}

/** File or memory. */
type Storage = "file" | "memory";

/** Configuration and state of a stream. */
export interface StreamState {
  readonly name: string;
  readonly description: string | undefined;
  readonly subjects: readonly string[];
  readonly storage: Storage;
  readonly replicas: number;
  /** Name of the server that leads it; undefined if the stream is not replicated. */
  readonly leader: string | undefined;
  /** Whether its limits or its retention remove messages, so that a missing message may be missing by design. */
  readonly removesMessages: boolean;
  readonly messages: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** Configuration and state of a consumer. */
export interface ConsumerState {
  readonly description: string | undefined;
  /** Deliveries so far, redeliveries included. */
  readonly delivered: number;
  /** Deliveries without an ack. */
  readonly unacked: number;
}

/** Settings of streams and buckets alike. */
export interface StoreSettings {
  readonly name: string;
  readonly description: string;
  readonly storage: Storage;
  readonly replicas: number;
  readonly maxBytes: number;
}

/** A stream that keeps all messages until it is full, and then rejects new ones. */
export interface StreamSettings extends StoreSettings {
  readonly subjects: readonly string[];
  readonly dedupSeconds: number;
}

/** A durable pull consumer. */
export interface ConsumerSettings {
  readonly name: string;
  readonly description: string;
  /** Messages that it starts with: all that are stored, or only new ones. */
  readonly deliver: "all" | "new";
  readonly acks: "explicit" | "none" | "all";
  /** Without effect if `acks` is `none`, as is `ackWaitMs`. */
  readonly maxAckPending: number;
  readonly ackWaitMs: number;
  /** The server deletes the consumer after this time without a request. */
  readonly inactiveMs: number;
  readonly filter: string | undefined;
}

/** An object store. */
export type BucketSettings = StoreSettings;

/** A key-value bucket. */
export interface KeyValueSettings extends StoreSettings {
  /** Values kept of each key. */
  readonly history: number;
}

/** Both inclusive. */
export interface SequenceRange {
  readonly from: number;
  readonly to: number;
}

/** A message in a stream. */
export interface StoredMessage {
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}
