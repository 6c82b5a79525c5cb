/**
 * The members of NATS connections that natscope uses, as both generations have them: `nats` 2.x and
 * `@nats-io/*` 3.x. No client is imported: any object with these members works.
 */
import type { HeadersShape } from "./headers.ts";

/** Payload of a message to send. */
export type Payload = Uint8Array | string;

/** Bytes of a payload on the wire; 0 for values that the client refuses. */
export function payloadBytes(data: Payload | undefined): number {
  if (typeof data === "string") return Buffer.byteLength(data);
  return data instanceof Uint8Array ? data.length : 0;
}

/** A delivered message: `Msg`. */
export interface MessageShape {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  readonly headers?: HeadersShape;
  respond(data?: Payload, options?: PublishOptionsShape): boolean;
}

/** `PublishOptions`. */
export interface PublishOptionsShape {
  reply?: string;
  // biome-ignore lint/suspicious/noExplicitAny: `MsgHdrs` of each generation, or what stands in for it
  headers?: any;
  /** v3 writes these two options into the headers of the publish. */
  traceDestination?: string;
  traceOnly?: boolean;
}

/** `RequestOptions` and `RequestManyOptions`. */
export interface RequestOptionsShape extends PublishOptionsShape {
  timeout?: number;
  noMux?: boolean;
  /** Of `requestMany`: `timer`, `count`, `stall`, `sentinel`, or v2's names of the last two. */
  strategy?: string;
  maxWait?: number;
}

/** Callback of `subscribe`. */
export type MessageCallback = (error: Error | null, message: MessageShape) => unknown;

/** `SubscriptionOptions`. */
export interface SubscribeOptionsShape {
  queue?: string;
  max?: number;
  callback?: MessageCallback;
}

/** `Subscription`. */
export interface SubscriptionShape extends AsyncIterable<MessageShape> {
  readonly closed: Promise<unknown>;
  getSubject(): string;
  getPending(): number;
  getReceived(): number;
  isClosed(): boolean;
  isDraining(): boolean;
  unsubscribe(max?: number): void;
  drain(): Promise<void>;
}

/** `NatsConnection`. */
export interface ConnectionShape {
  readonly info?: {
    readonly client_id?: number;
    readonly headers?: boolean;
    readonly max_payload?: number;
  };
  publish(subject: string, data?: Payload, options?: PublishOptionsShape): void;
  publishMessage(message: MessageShape): void;
  respondMessage(message: MessageShape): boolean;
  subscribe(subject: string, options?: SubscribeOptionsShape): SubscriptionShape;
  request(subject: string, data?: Payload, options?: RequestOptionsShape): Promise<MessageShape>;
  requestMany(
    subject: string,
    data?: Payload,
    options?: RequestOptionsShape,
  ): Promise<AsyncIterable<MessageShape>>;
  status(): AsyncIterable<StatusShape>;
  closed(): Promise<unknown>;
  isClosed(): boolean;
  isDraining(): boolean;
  getServer(): string;
  flush(): Promise<void>;
  rtt(): Promise<number>;
  /** v2 only. */
  jetstream?(options?: object): object;
  /** v2 only. */
  jetstreamManager?(options?: object): Promise<object>;
  /** v2 only. */
  readonly services?: object;
  /** Options of `connect`; not part of the public interface. */
  readonly options?: { readonly inboxPrefix?: string };
  /** Not part of the public interface. */
  readonly protocol?: ProtocolShape;
}

/**
 * `ProtocolHandler` of both generations. Not part of the public interface, so every member may be missing.
 */
interface ProtocolShape {
  /** Calls all listeners of the status. */
  dispatchStatus?(status: StatusShape): void;
  /** Whether publishes go to the socket at once. */
  readonly connected?: boolean;
  /** Number of publishes accepted so far, from anywhere. */
  readonly outMsgs?: number;
}

/** `Status`. v2 has `data`, v3 a member for each type. */
export interface StatusShape {
  readonly type: string;
  readonly data?: unknown;
  readonly error?: Error;
  readonly sub?: SubscriptionShape;
  readonly permissionContext?: { readonly operation?: string; readonly subject?: string };
}

/** Whether an object is a connection of either generation. */
export function isConnection(value: object): value is ConnectionShape {
  return ["publish", "subscribe", "request", "status", "drain"].every((name) => hasMethod(value, name));
}

/** Whether an object has a method of this name. */
export function hasMethod(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === "function";
}
