/**
 * The interface of a driver: what a run needs of a NATS client. Everything else in `bench` uses these types only and
 * imports no client. A driver is a folder in this one; `bench/drivers.ts` lists them, and
 * `test/bench/driver/conformance.ts` is the test suite that each of them passes.
 */
import type { JetStreamReach, PlainOptions } from "../../nats/connect/connection.ts";
import { ExpectedError } from "../../text/expected-error.ts";
import type { Nanos } from "../../time/clock.ts";
import type { AdminLink } from "./admin-link.ts";

/** Options of a connection that apply unless the user sets them. */
export const CONNECTION_DEFAULTS = {
  /** Name in the server's monitoring. */
  name: "natscope-bench",
  /** No limit: a run has deadlines of its own, and a server may be away for longer than the client's ten attempts. */
  maxReconnectAttempts: -1,
} as const;

/** Opens connections. */
export interface Driver {
  /** Name in the list of drivers. */
  readonly name: string;
  /** Client library and its version, as a result names it: `nats 2.29.3`. */
  readonly client: string;
  /** Opens a connection for load. Rejects with a `LinkError` that names the servers. */
  connect(reach: Reach, hooks: LinkHooks): Promise<Link>;
  /** Opens a connection for administration around a run. Rejects with a `LinkError` that names the servers. */
  administer(reach: Reach): Promise<AdminLink>;
}

/**
 * How to reach the servers: plain data that can be cloned to a thread. Each thread creates its own authenticator from
 * it and reads the files that it names. Contains secrets: never printed, never saved.
 */
export interface Reach {
  /** From `connectionFromEnvironment` in `nats/connect`. */
  readonly options: PlainOptions;
  /** `timeout` applies to operations on buckets and object stores and to confirmed acks. */
  readonly jetstream?: JetStreamReach;
}

/** Callbacks for changes of a connection's state. Called synchronously, at the moment of the change. */
export interface LinkHooks {
  /** The connection is down. */
  lost(): void;
  /** The client has discarded all messages published since the connection went down. */
  discarded(): void;
  /** The connection is up again; messages published since the last `discarded` have been sent. */
  regained(): void;
  /**
   * A permission violation, a limit of the account, a missing consumer, the end of the connection. Does not include
   * that the server disconnects a slow consumer: only the server's own counters report that.
   * @param sentence without secrets
   */
  failed(sentence: string): void;
  /** The connection is closed for good, but not by `close`. Called after `failed`. */
  ended?(sentence: string): void;
}

/** Hooks that ignore everything, for short connections besides the load. */
export const IGNORE_EVENTS: LinkHooks = { lost() {}, discarded() {}, regained() {}, failed() {} };

/** Facts about the server at the other end of a connection. */
export interface ServerFacts {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly cluster?: string;
  /** `host:port` through which it was reached. */
  readonly host: string;
  readonly jetstream: boolean;
  readonly headers: boolean;
  /** Bytes. */
  readonly maxPayload: number;
  readonly tls: boolean;
  /** Number that the server gave this connection. */
  readonly clientId: number;
}

/** Header lines. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** A delivered message. Valid until the callback returns; keeping its payload may keep a larger buffer alive. */
export interface Message {
  readonly subject: string;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
  /** Returns false if the message has no reply subject. */
  respond(data: Uint8Array): boolean;
}

/** A message delivered from a stream. */
export interface StreamMessage extends Message {
  readonly streamSequence: number;
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  /** When the stream stored it, by the server's clock: milliseconds since 1970, with a fraction. */
  readonly storedAtMs: number;
  /** Sends an ack without waiting. */
  ack(): void;
  /** Sends an ack and waits for the server's confirmation. False if it was acked before. Rejects with a `LinkError`. */
  ackConfirmed(): Promise<boolean>;
}

/** Answer of a stream to a publish. */
export interface PublishAck {
  readonly stream: string;
  readonly sequence: number;
  readonly duplicate: boolean;
}

/** An open subscription, consumption or watch. */
export interface Open {
  close(): Promise<void>;
}

/** How messages of a durable consumer are requested. */
export interface ConsumeOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Maximum number of messages requested and not yet delivered. */
  readonly batch: number;
}

/** A connection for load. */
export interface Link {
  /** The server that it is connected to, or was last. */
  readonly server: ServerFacts;
  readonly isUp: boolean;
  /** Bytes that the client holds and the operating system has not taken; undefined if the client does not expose it. */
  readonly backlogBytes: number | undefined;
  /**
   * Keeps the payload, not a copy, until the thread yields: pass a new one each time. Throws a `LinkError` if the
   * connection is closed or the payload is too large.
   */
  publish(subject: string, payload: Uint8Array, headers?: HeaderLines): void;
  /** Rejects with a `LinkError`. */
  request(subject: string, payload: Uint8Array, timeoutMs: number, headers?: HeaderLines): Promise<Message>;
  subscribe(subject: string, queue: string | undefined, deliver: (message: Message) => void): Open;
  /** Resolves when the server has processed everything that was sent before. Rejects with a `LinkError`. */
  flush(): Promise<void>;
  /** Round-trip time of a ping. Rejects with a `LinkError`, at once if the connection is down. */
  roundTrip(): Promise<Nanos>;
  readonly streams: StreamLink;
  readonly buckets: BucketLink;
  /** Closes at once; messages that are not flushed are lost. */
  close(): Promise<void>;
}

/** JetStream. All methods reject with a `LinkError`. */
export interface StreamLink {
  /** Resolves when the stream has stored the message. */
  publish(
    subject: string,
    payload: Uint8Array,
    options: { readonly timeoutMs: number; readonly id?: string; readonly headers?: HeaderLines },
  ): Promise<PublishAck>;
  /** Delivers by callback until it is closed. Failures meanwhile are reported by `LinkHooks.failed`. */
  consume(options: ConsumeOptions, deliver: (message: StreamMessage) => void): Promise<Open>;
  /** Requests one batch; ends when it is full or after `expiresMs`, which is at least 1000. */
  fetch(options: ConsumeOptions & { readonly expiresMs: number }): Promise<AsyncIterable<StreamMessage>>;
  /** Reads through an ordered consumer: ephemeral, in the order of the stream, without acks. */
  consumeOrdered(
    options: { readonly stream: string; readonly filter?: string; readonly batch: number },
    deliver: (message: StreamMessage) => void,
  ): Promise<Open>;
}

/** Opens key-value buckets and object stores that exist. All methods reject with a `LinkError`. */
export interface BucketLink {
  keyValue(bucket: string): Promise<KeyValueLink>;
  objects(bucket: string): Promise<ObjectLink>;
}

/** A key-value bucket. All methods reject with a `LinkError`. */
export interface KeyValueLink {
  /** Returns the revision. */
  put(key: string, value: Uint8Array): Promise<number>;
  /** Undefined if the key is missing or deleted. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Resolves when the bucket has stored the marker of the deletion, also if the key was missing. */
  delete(key: string): Promise<void>;
  /** Delivers values that are put from now on. */
  watch(deliver: (key: string, value: Uint8Array) => void): Promise<Open>;
}

/** An object store. All methods reject with a `LinkError`. */
export interface ObjectLink {
  put(name: string, content: Uint8Array): Promise<void>;
  /** Undefined if the object is missing. */
  get(name: string): Promise<Uint8Array | undefined>;
}

/** Why an operation failed. */
export class LinkError extends ExpectedError {
  override readonly name = "LinkError";
  /** `timeout`, `no_responders`, `permissions_violation`, `jetstream_10071` …: the account counts failures by it. */
  readonly type: string;

  constructor(type: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.type = type;
  }
}
