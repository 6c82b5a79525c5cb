/**
 * `publishWithRetry` and `requestWithRetry`: the same message again, until it has arrived or there is no use in
 * sending it again. They work with every connection, observed or not; each attempt is an operation of that
 * connection, with the metrics and the span it always has.
 *
 * A message that is sent again may arrive twice: the first may have arrived, and what got lost may have been the
 * answer. Streams drop the second one by its id; every other receiver has to be able to bear it.
 */
import { randomUUID } from "node:crypto";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { MESSAGE_ID } from "../jetstream/publish.ts";
import { hasMethod, isConnection, type Payload } from "../shapes/connection.ts";
import { copyOfHeaders, type HeadersShape } from "../shapes/headers.ts";
import { instrumentationOf, instrumentedConnection, rawOf } from "../wrapping/registrations.ts";
import { inAttempts } from "./attempts.ts";
import { publishConfirmed } from "./confirmed-publish.ts";
import { policyOf, type RetryOptions } from "./policy.ts";

/* biome-ignore-start lint/suspicious/noExplicitAny: each generation has options of its own */
/** A JetStream client, of either generation. */
export interface RetryableJetStream {
  publish(subject: string, data?: Payload, options?: any): Promise<any>;
}

/** A connection's publish, of either generation. */
export interface RetryablePublisher {
  publish(subject: string, data?: Payload, options?: any): void;
  flush(): Promise<void>;
}

/** A connection's request, of either generation. */
export interface RetryableRequester {
  request(subject: string, data?: Payload, options?: any): Promise<any>;
}

/** The client's own options of an operation, none of them required; whatever, where the client is `any`. */
export type OwnOptions<Operation extends (...input: any[]) => unknown> =
  unknown extends Parameters<Operation>[2]
    ? { readonly [option: string]: unknown }
    : Partial<NonNullable<Parameters<Operation>[2]>>;
/* biome-ignore-end lint/suspicious/noExplicitAny: see above */

/** What the client waits for a reply, where neither the call nor the client's owner says otherwise. */
const REQUEST_TIMEOUT_MS = 1000;
const JETSTREAM_TIMEOUT_MS = 5000;

/**
 * Publishes to a stream, and tries again while that may help. Resolves with the acknowledgement (`PubAck`).
 *
 * Every attempt has the same message id, `msgID` or one that is made up, so that the stream keeps one message,
 * however many arrive within its duplicate window. `timeout` is of one attempt.
 *
 * @param jetstream a JetStream client
 * @param options those of the client's publish, and those of `RetryOptions`
 * @throws the last attempt's error as it is (`attemptsOf` says how many there were), the signal's reason, or a
 *   `TypeError` that names every wrong option
 */
export function publishWithRetry<JetStream extends RetryableJetStream>(
  jetstream: JetStream,
  subject: string,
  data?: Payload,
  options?: RetryOptions & OwnOptions<JetStream["publish"]>,
): ReturnType<JetStream["publish"]>;
/**
 * Publishes a core message, and resolves when the server has handled it, which says nothing of subscribers.
 *
 * Tries again only where the connection was lost before that, so the message may arrive more than once. A message
 * that the server refuses for want of a permission is an error, other than with the client's `publish`.
 *
 * @param options those of the client's publish, and those of `RetryOptions`
 * @throws as for a stream
 */
export function publishWithRetry<Connection extends RetryablePublisher>(
  connection: Connection,
  subject: string,
  data?: Payload,
  options?: RetryOptions & OwnOptions<Connection["publish"]>,
): Promise<void>;
/** Both of them. */
export async function publishWithRetry(
  target: RetryableJetStream | RetryablePublisher,
  subject: string,
  data?: Payload,
  options: RetryOptions & PublishOptions = {},
): Promise<unknown> {
  const { policy, own } = policyOf("publishWithRetry", options);
  const again = () => countRetry(target, "publish", subject);
  if (isConnection(target)) {
    const publish = (leftMs: number) => publishConfirmed(target, subject, data, { ...own }, leftMs);
    return inAttempts(policy, publish, again);
  }
  if (!hasMethod(target, "publish")) throw noTarget("publishWithRetry", "a connection or a JetStream client");
  const jetstream = target as RetryableJetStream & JetStreamShape;
  const msgID = own.msgID || own.headers?.get(MESSAGE_ID) || randomUUID();
  const timeoutMs = own.timeout || jetstream.getOptions?.().timeout || JETSTREAM_TIMEOUT_MS;
  const publish = (leftMs: number) =>
    jetstream.publish(subject, data, {
      ...own,
      msgID,
      timeout: Math.min(timeoutMs, leftMs),
      // The client writes ids and expectations into the headers that it is given.
      ...(own.headers && { headers: copyOfHeaders(own.headers) }),
    });
  return inAttempts(policy, publish, again);
}

/**
 * Sends a request, and sends it again while that may help: after a timeout, and without responders. Whoever
 * answers may get the same request more than once. `timeout` is of one attempt; default 1,000 ms.
 *
 * @param options those of the client's request, and those of `RetryOptions`
 * @throws as `publishWithRetry` does
 */
export async function requestWithRetry<Connection extends RetryableRequester>(
  connection: Connection,
  subject: string,
  data?: Payload,
  options?: RetryOptions & OwnOptions<Connection["request"]>,
): Promise<Awaited<ReturnType<Connection["request"]>>> {
  const { policy, own } = policyOf("requestWithRetry", (options ?? {}) as RetryOptions & PublishOptions);
  if (!hasMethod(connection, "request")) throw noTarget("requestWithRetry", "a connection");
  const timeoutMs = own.timeout || REQUEST_TIMEOUT_MS;
  const request = (leftMs: number) =>
    connection.request(subject, data, { ...own, timeout: Math.min(timeoutMs, leftMs) });
  return inAttempts(policy, request, () => countRetry(connection, "request", subject));
}

/** What is read of the client's own options. */
interface PublishOptions {
  readonly msgID?: string;
  readonly timeout?: number;
  readonly headers?: HeadersShape;
}

interface JetStreamShape {
  getOptions?(): { readonly timeout?: number };
  /** The connection that it came from; not part of the public interface. */
  readonly nc?: object;
}

function countRetry(target: object, operation: "publish" | "request", subject: string): void {
  const instrumentation = instrumentationOfTarget(target);
  if (!instrumentation || typeof subject !== "string") return;
  instrumentation.metrics.vectors.retries.of(operation, instrumentation.subjects.of(subject).label).value++;
}

/** Of an observed connection, or of a JetStream client that came from one. */
function instrumentationOfTarget(target: object): Instrumentation | undefined {
  if (isConnection(target)) return instrumentationOf(target);
  const { nc } = target as JetStreamShape;
  // One that stands in front of another has the client's own connection.
  return (
    nc && (rawOf(target) === target ? instrumentationOf(nc) : instrumentedConnection(nc)?.instrumentation)
  );
}

function noTarget(caller: string, expected: string): TypeError {
  return new TypeError(`${caller}: expected ${expected} of \`nats\` 2.x or \`@nats-io/*\` 3.x`);
}
