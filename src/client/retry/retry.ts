/**
 * `publishWithRetry` and `requestWithRetry`: send a message again until it has arrived, or until another
 * attempt would be useless. They work with every connection, instrumented or not; each attempt is an
 * operation of that connection, with its usual metrics and span.
 *
 * A message that is sent again may arrive twice, because the reply may be what was lost. Streams drop a
 * second message with the same id; other receivers must be idempotent.
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
/** The member of a JetStream client of either generation that is called. */
interface RetryableJetStream {
  publish(subject: string, data?: Payload, options?: any): Promise<any>;
}

/** The members of a connection of either generation that are called to publish. */
interface RetryablePublisher {
  publish(subject: string, data?: Payload, options?: any): void;
  flush(): Promise<void>;
}

/** The member of a connection of either generation that is called to request. */
interface RetryableRequester {
  request(subject: string, data?: Payload, options?: any): Promise<any>;
}

/**
 * The client's own options of an operation, all optional. If the client's type is `any`, so are the options.
 */
type OwnOptions<Operation extends (...input: any[]) => unknown> = unknown extends Parameters<Operation>[2]
  ? { readonly [option: string]: unknown }
  : Partial<NonNullable<Parameters<Operation>[2]>>;
/* biome-ignore-end lint/suspicious/noExplicitAny: see above */

/** Defaults of `timeout` in both clients. */
const REQUEST_TIMEOUT_MS = 1000;
const JETSTREAM_TIMEOUT_MS = 5000;

/**
 * Publishes to a stream, and retries while that may help. Resolves with the acknowledgement (`PubAck`).
 *
 * All attempts have the same message id, `msgID` or a random one, so the stream keeps one message if they
 * arrive within its duplicate window. `timeout` limits one attempt, in milliseconds; default: the JetStream
 * client's, else 5,000.
 *
 * @param jetstream a JetStream client
 * @param options those of the client's `publish`, and `RetryOptions`
 * @throws the error of the last attempt, unchanged (`attemptsOf` returns the number of attempts); the
 *   signal's reason; a TypeError naming every invalid option
 */
export function publishWithRetry<JetStream extends RetryableJetStream>(
  jetstream: JetStream,
  subject: string,
  data?: Payload,
  options?: RetryOptions & OwnOptions<JetStream["publish"]>,
): ReturnType<JetStream["publish"]>;
/**
 * Publishes a core message, and resolves when the server has handled it. It does not tell whether there are
 * subscribers.
 *
 * Retries only if the connection was lost before that, so the message may arrive more than once. In contrast
 * to the client's `publish`, a message refused for lack of permission is an error.
 *
 * @param options those of the client's `publish`, and `RetryOptions`
 * @throws the error of the last attempt, unchanged; the signal's reason; a TypeError naming every invalid
 *   option
 */
export function publishWithRetry<Connection extends RetryablePublisher>(
  connection: Connection,
  subject: string,
  data?: Payload,
  options?: RetryOptions & OwnOptions<Connection["publish"]>,
): Promise<void>;
/** Implements both overloads. */
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
      // The client writes ids and expectations into the headers that it gets.
      ...(own.headers && { headers: copyOfHeaders(own.headers) }),
    });
  return inAttempts(policy, publish, again);
}

/**
 * Sends a request, and retries after a timeout or if there are no responders. The responder may get the same
 * request more than once. `timeout` limits one attempt, in milliseconds; default: 1,000.
 *
 * @param options those of the client's `request`, and `RetryOptions`
 * @throws the error of the last attempt, unchanged (`attemptsOf` returns the number of attempts); the
 *   signal's reason; a TypeError naming every invalid option
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

/** The client's own options that are read here. */
interface PublishOptions {
  readonly msgID?: string;
  readonly timeout?: number;
  readonly headers?: HeadersShape;
}

interface JetStreamShape {
  getOptions?(): { readonly timeout?: number };
  /** The connection that it was created from; not part of the public interface. */
  readonly nc?: object;
}

function countRetry(target: object, operation: "publish" | "request", subject: string): void {
  const instrumentation = instrumentationOfTarget(target);
  if (!instrumentation || typeof subject !== "string") return;
  instrumentation.metrics.vectors.retries.of(operation, instrumentation.subjects.of(subject).label).value++;
}

/** The instrumentation of a connection, or of a JetStream client that was created from one. */
function instrumentationOfTarget(target: object): Instrumentation | undefined {
  if (isConnection(target)) return instrumentationOf(target);
  const { nc } = target as JetStreamShape;
  // A wrapped client has the client's own connection as `nc`.
  return (
    nc && (rawOf(target) === target ? instrumentationOf(nc) : instrumentedConnection(nc)?.instrumentation)
  );
}

function noTarget(caller: string, expected: string): TypeError {
  return new TypeError(`${caller}: expected ${expected} of \`nats\` 2.x or \`@nats-io/*\` 3.x`);
}
