/**
 * What a run needs of a NATS client. The load runs on the `nats` client (`nats-client.ts`); another driver has
 * to have these members and nothing else: the loop, the schedule, the histograms, the account and the verdict
 * do not know which one sends.
 */
import type { JetStreamReach, PlainOptions } from "../../nats/connect/connection.ts";
import type { Nanos } from "../../time/clock.ts";

/**
 * How to reach the servers: plain data, which can be cloned to a thread. Authenticators are functions and cannot;
 * each thread makes its own of what is said here, and reads the files that are named. Never printed, never saved.
 */
export interface Reach {
  /** Of `connectionFromEnvironment` in the room `connect`. */
  readonly options: PlainOptions;
  /** Its `timeout` is that of bucket and object operations and of confirmed acks. */
  readonly jetstream?: JetStreamReach;
}

/** Opens connections. */
export interface Driver {
  /** As the report names it: `nats 2.29.3`. */
  readonly name: string;
  connect(reach: Reach, hooks: LinkHooks): Promise<Link>;
}

/** What happens to a connection by itself. Called synchronously, at the moment it happens. */
export interface LinkHooks {
  /** The connection is down. */
  lost(): void;
  /** What was published since it went down has been thrown away by the client. */
  discarded(): void;
  /** It is up again; what was published since the last `discarded` has been sent. */
  regained(): void;
  /**
   * A permission, the account, a consumer that is gone, the end of the connection. That a server cut it as a slow
   * consumer is not among them: it does so without a word, and only its own counters tell.
   * @param sentence without a secret
   */
  failed(sentence: string): void;
  /** It is closed for good, and not by us. `failed` has been told before. */
  ended?(sentence: string): void;
}

/** Of the server a connection is to. */
export interface ServerFacts {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly cluster?: string;
  readonly host: string;
  readonly jetstream: boolean;
  readonly headers: boolean;
  readonly maxPayload: number;
  readonly tls: boolean;
  /** The server's number for this connection. */
  readonly clientId: number;
}

/** Header lines. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** A message as it was delivered. Valid until the callback returns; who keeps the payload keeps more than it. */
export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
  /** False if nobody asked for a reply. */
  respond(data: Uint8Array): boolean;
}

/** A message from a stream. */
export interface StreamMessage extends Message {
  readonly streamSequence: number;
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  /** When the stream stored it, by the server's clock: milliseconds since 1970, with a fraction. */
  readonly storedAtMs: number;
  /** Sends an ack, and does not wait. */
  ack(): void;
  /** Sends an ack and waits until the server has it. False if it was acked before. Rejects with a `LinkError`. */
  ackConfirmed(): Promise<boolean>;
}

/** The stream's answer to a publish. */
export interface PublishAck {
  readonly stream: string;
  readonly sequence: number;
  readonly duplicate: boolean;
}

/** Something that is open and can be closed. */
export interface Open {
  close(): Promise<void>;
}

/** How messages of a consumer are asked for. */
export interface ConsumeOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Most messages asked for and not yet delivered. */
  readonly batch: number;
}

/** One connection. */
export interface Link {
  readonly server: ServerFacts;
  readonly isUp: boolean;
  /** Bytes that the client holds and the system has not taken; undefined where the client does not tell. */
  readonly backlogBytes: number | undefined;
  /**
   * Keeps the payload, not a copy, until the thread yields: give a new one each time. Throws a `LinkError`: a
   * closed connection, a payload that is too large.
   */
  publish(subject: string, payload: Uint8Array, headers?: HeaderLines): void;
  /** Rejects with a `LinkError`. */
  request(subject: string, payload: Uint8Array, timeoutMs: number, headers?: HeaderLines): Promise<Message>;
  subscribe(subject: string, queue: string | undefined, deliver: (message: Message) => void): Open;
  /** Resolves when the server has answered to everything sent before. */
  flush(): Promise<void>;
  roundTrip(): Promise<Nanos>;
  readonly streams: StreamLink;
  readonly buckets: BucketLink;
  /** At once; what waits is lost. Flush first. */
  close(): Promise<void>;
}

/** JetStream. Everything rejects with a `LinkError`. */
export interface StreamLink {
  /** Resolves when the stream has stored it. */
  publish(
    subject: string,
    payload: Uint8Array,
    options: { readonly timeoutMs: number; readonly id?: string; readonly headers?: HeaderLines },
  ): Promise<PublishAck>;
  /** Delivers by callback, for as long as it is open. What goes wrong meanwhile is told by `LinkHooks.failed`. */
  consume(options: ConsumeOptions, deliver: (message: StreamMessage) => void): Promise<Open>;
  /** Asks for a batch once; ends when it is full or the time is over: 1000 ms at least. Throws a `LinkError`. */
  fetch(options: ConsumeOptions & { readonly expiresMs: number }): Promise<AsyncIterable<StreamMessage>>;
  /** An ordered consumer: ephemeral, in the stream's order, no acks. */
  consumeOrdered(
    options: { readonly stream: string; readonly filter?: string; readonly batch: number },
    deliver: (message: StreamMessage) => void,
  ): Promise<Open>;
}

/** Key-value buckets and object stores, which have to exist. Everything rejects with a `LinkError`. */
export interface BucketLink {
  keyValue(bucket: string): Promise<KeyValueLink>;
  objects(bucket: string): Promise<ObjectLink>;
}

/** One key-value bucket. */
export interface KeyValueLink {
  /** @returns the revision */
  put(key: string, value: Uint8Array): Promise<number>;
  /** Undefined if there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Resolves when the bucket has stored the marker of the deletion, also if the key was missing. */
  delete(key: string): Promise<void>;
  /** What is put from now on. */
  watch(deliver: (key: string, value: Uint8Array) => void): Promise<Open>;
}

/** One object store. */
export interface ObjectLink {
  put(name: string, content: Uint8Array): Promise<void>;
  /** Undefined if there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
}

/** Why an operation failed: `timeout`, `no_responders`, `permissions_violation`, `jetstream_10071` ... */
export class LinkError extends Error {
  override readonly name = "LinkError";
  /** Low cardinality: the report counts failures by it. */
  readonly type: string;

  constructor(type: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
  }
}
