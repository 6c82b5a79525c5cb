/**
 * The members of JetStream clients that natscope uses, as both generations have them: `nats` 2.x and
 * `@nats-io/jetstream` 3.x. Types only.
 */
import type { Payload } from "../shapes/connection.ts";
import type { HeadersShape } from "../shapes/headers.ts";

/** `JetStreamPublishOptions`. */
export interface JetStreamPublishOptionsShape {
  msgID?: string;
  headers?: HeadersShape | undefined;
  /** For a message of a batch: whether the server confirms it. */
  ack?: boolean;
}

/** `PubAck`, and `BatchAck` after the commit of a batch. */
export interface PublishAckShape {
  readonly stream: string;
  readonly seq: number;
  readonly duplicate?: boolean;
  /** Number of messages in the batch. */
  readonly count?: number;
}

/** `DeliveryInfo`. */
export interface DeliveryInfoShape {
  readonly stream: string;
  readonly consumer: string;
  /** 1 for the first delivery. */
  readonly deliveryCount: number;
  readonly streamSequence: number;
  readonly deliverySequence: number;
  /** When the message was stored: Unix time by the server's clock, in nanoseconds. */
  readonly timestampNanos: number;
}

/** `JsMsg`. */
export interface JetStreamMessageShape {
  readonly subject: string;
  readonly reply: string;
  readonly data: Uint8Array;
  readonly headers?: HeadersShape;
  /** Parsed from `reply` at the first access, then kept. */
  readonly info: DeliveryInfoShape;
  ack(): void;
  nak(delayMs?: number): void;
  working(): void;
  next(subject?: string, options?: object): void;
  term(reason?: string): void;
  ackAck(options?: object): Promise<boolean>;
}

/** `ConsumerConfig`: name and filter of a consumer. */
export interface ConsumerConfigShape {
  readonly durable_name?: string;
  /** Absent if the server generated the name. */
  readonly name?: string;
  readonly filter_subject?: string;
  readonly filter_subjects?: string | readonly string[];
}

/** `ConsumerInfo`. */
export interface ConsumerInfoShape {
  readonly stream_name: string;
  readonly name: string;
  readonly config: ConsumerConfigShape;
}

/** `ConsumerCallbackFn`. */
export type JetStreamCallback = (message: JetStreamMessageShape) => unknown;

/** `ConsumeOptions`, `FetchOptions` and `NextOptions`. */
export interface ConsumeOptionsShape {
  callback?: JetStreamCallback;
  /** Milliseconds. Default in both clients: 30,000. */
  expires?: number;
}

/** `ConsumerMessages`. */
export interface ConsumerMessagesShape extends AsyncIterable<JetStreamMessageShape> {
  close(): Promise<unknown>;
  closed(): Promise<unknown>;
  stop(error?: Error): void;
  getPending(): number;
}

/** `Consumer`, `PushConsumer` and the ordered ones. A push consumer has only `consume`. */
export interface ConsumerShape {
  consume(options?: ConsumeOptionsShape): Promise<ConsumerMessagesShape>;
  fetch?(options?: ConsumeOptionsShape): Promise<ConsumerMessagesShape>;
  next?(options?: ConsumeOptionsShape): Promise<JetStreamMessageShape | null>;
  /** @param cached true: returns what the client knows, without a request */
  info(cached?: boolean): Promise<ConsumerInfoShape>;
}

/** Name of a consumer, or the options of an ordered one. */
export type ConsumerChoice = string | object | undefined;

/** `Consumers`. */
export interface ConsumersShape {
  get(stream: string, choice?: ConsumerChoice): Promise<ConsumerShape>;
  /** v2 only. */
  getPullConsumerFor?(info: ConsumerInfoShape): ConsumerShape;
  /** v3 only. */
  getConsumerFromInfo?(info: ConsumerInfoShape): ConsumerShape;
  /** Not in the types; `get` of both clients calls it. */
  ordered?(stream: string, options?: ConsumerChoice): Promise<ConsumerShape>;
  /** v3 only. */
  getPushConsumer?(stream: string, choice?: ConsumerChoice): Promise<ConsumerShape>;
  /** v3 only, and not in the types of `Consumers`. */
  getOrderedPushConsumer?(stream: string, options?: ConsumerChoice): Promise<ConsumerShape>;
  /** v3 only. */
  getBoundPushConsumer?(options: object): Promise<ConsumerShape>;
}

/** `Stream`. */
export interface StreamShape {
  readonly name: string;
  best(): Promise<StreamShape>;
  getConsumer(choice?: ConsumerChoice): Promise<ConsumerShape>;
  /** v2 only. */
  getConsumerFromInfo?(info: ConsumerInfoShape): ConsumerShape;
  /** v3 only. */
  getPushConsumer?(choice?: ConsumerChoice): Promise<ConsumerShape>;
}

/** `Streams`, and the manager's `StreamAPI`. */
export interface StreamsShape {
  get(name: string): Promise<StreamShape>;
}

/** `JetStreamManager`. */
export interface JetStreamManagerShape {
  readonly streams: StreamsShape;
  jetstream?(): JetStreamShape;
}

/** `BatchPublisher`. */
export interface BatchShape {
  /** Returns a promise if the server confirms the message. */
  add(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape): Promise<void> | void;
  commit(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape): Promise<PublishAckShape>;
}

/** v2's callback of `subscribe`. The message is null if there is an error. */
export type V2Callback = (error: Error | null, message: JetStreamMessageShape | null) => unknown;

/** v2's `ConsumerOpts` and their builder, which use the same names for the members read here. */
export interface V2SubscribeOptionsShape {
  readonly callbackFn?: V2Callback;
  readonly config?: ConsumerConfigShape;
  readonly ordered?: boolean;
}

/** v2's `JetStreamSubscription`. */
export interface V2SubscriptionShape extends AsyncIterable<JetStreamMessageShape> {
  readonly closed: Promise<unknown>;
  getPending(): number;
}

/** v2's `PullOptions`. */
export interface V2FetchOptionsShape {
  /** Milliseconds. */
  readonly expires?: number;
}

/** `JetStreamClient`. */
export interface JetStreamShape {
  readonly consumers: ConsumersShape;
  readonly streams: StreamsShape;
  /** v2 only: key-value buckets and object stores. */
  readonly views?: object;
  publish(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape): Promise<PublishAckShape>;
  jetstreamManager(checkApi?: boolean): Promise<JetStreamManagerShape>;
  /** v3 only. */
  startBatch?(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape): Promise<BatchShape>;
  /** v2 only. */
  subscribe?(subject: string, options?: V2SubscribeOptionsShape): Promise<V2SubscriptionShape>;
  /** v2 only. */
  pullSubscribe?(subject: string, options?: V2SubscribeOptionsShape): Promise<V2SubscriptionShape>;
  /** v2 only. */
  pull?(stream: string, durable: string, expiresMs?: number): Promise<JetStreamMessageShape>;
  /** v2 only. */
  fetch?(
    stream: string,
    durable: string,
    options?: V2FetchOptionsShape,
  ): AsyncIterable<JetStreamMessageShape>;
}
