/**
 * The parts of NATS clients that are used, as both generations have them: `nats` 2.x and `@nats-io/*` 3.x.
 * No client is imported here: whatever has these members will do.
 */
import type { HeadersShape } from "./headers.ts";

/** Payload of a message to send. */
export type Payload = Uint8Array | string;

/** Bytes of a payload as they are sent; 0 for what the client will refuse. */
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
  /** v3: publishes that ask the server for a trace write into their headers. */
  traceDestination?: string;
  traceOnly?: boolean;
}

/** `RequestOptions` and `RequestManyOptions`. */
export interface RequestOptionsShape extends PublishOptionsShape {
  timeout?: number;
  noMux?: boolean;
  /** Of `requestMany`: `timer`, `count`, and `stall` and `sentinel`, or v2's names for them. */
  strategy?: string;
  maxWait?: number;
}

/** What subscribe's callback is. */
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
  /** What it was connected with; not part of the public interface. */
  readonly options?: { readonly inboxPrefix?: string };
  /** Not part of the public interface. */
  readonly protocol?: ProtocolShape;
}

/** `ProtocolHandler`, as both generations have it. Not part of the public interface: every member may be missing. */
export interface ProtocolShape {
  /** Tells all listeners of a status. */
  dispatchStatus?(status: StatusShape): void;
  /** Whether what is published goes to the socket, and does not wait. */
  readonly connected?: boolean;
  /** Publishes that were accepted, whoever made them. */
  readonly outMsgs?: number;
}

/** `Status`: v2 has `data`, v3 a field for each type. */
export interface StatusShape {
  readonly type: string;
  readonly data?: unknown;
  readonly error?: Error;
  readonly sub?: SubscriptionShape;
  readonly permissionContext?: { readonly operation?: string; readonly subject?: string };
}

/** Whether something is a connection of either generation. */
export function isConnection(value: object): value is ConnectionShape {
  return ["publish", "subscribe", "request", "status", "drain"].every((name) => hasMethod(value, name));
}

/** Whether a value has a method of this name. */
export function hasMethod(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === "function";
}
