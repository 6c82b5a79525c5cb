/** `request` and `requestMany`: a message and the wait for its replies. */
import type { Span } from "@opentelemetry/api";
import { errorType, outcomeOf, ServiceReplyError } from "../errors/failure.ts";
import { serviceErrorCode } from "../errors/service-error.ts";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import {
  type ConnectionShape,
  hasMethod,
  type MessageShape,
  type Payload,
  payloadBytes,
  type RequestOptionsShape,
} from "../shapes/connection.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { delegate } from "../wrapping/delegate.ts";
import { wrapIterator } from "../wrapping/iteration.ts";
import { prepare } from "./outgoing.ts";

/** The requesting members of an instrumented connection. */
export function requesting(instrumentation: Instrumentation) {
  const { connection } = instrumentation;
  return {
    request(subject: string, data?: Payload, options?: RequestOptionsShape): Promise<MessageShape> {
      const pending = new PendingRequest(instrumentation, subject, data, options);
      const reply = pending.send((sent) => connection.request(subject, data, sent));
      const result = reply.then(
        (message) => {
          pending.replied(message);
          pending.end(pending.serviceError(message));
          return message;
        },
        (error: unknown) => {
          pending.end(error);
          if (isCaughtByClient(pending, options, error)) result.catch(() => {});
          throw error;
        },
      );
      return result;
    },

    requestMany(
      subject: string,
      data?: Payload,
      options?: RequestOptionsShape,
    ): Promise<AsyncIterable<MessageShape>> {
      const pending = new PendingRequest(instrumentation, subject, data, options, manyAttributes(options));
      const replies = pending.send((sent) => askMany(connection, subject, data, options, sent));
      return replies.then(
        (iterable) => wrapReplies(iterable, pending, options),
        (error: unknown) => {
          pending.end(error);
          throw error;
        },
      );
    },
  };
}

/**
 * Whether the client itself catches this rejection. Both clients catch the promise of a request through the
 * multiplexed inbox, besides returning it, so an application that ignores such a request sees no unhandled
 * rejection. A promise derived from theirs has to be caught too.
 */
function isCaughtByClient(
  pending: PendingRequest,
  options: RequestOptionsShape | undefined,
  error: unknown,
): boolean {
  return !options?.noMux && (pending.isSent || errorType(error) === "max_payload_exceeded");
}

/**
 * Calls `requestMany`. v2 sends no headers if `noMux` is set, so its `publish` is overridden for this call to
 * add the trace context.
 */
function askMany(
  connection: ConnectionShape,
  subject: string,
  data: Payload | undefined,
  own: RequestOptionsShape | undefined,
  sent: RequestOptionsShape | undefined,
): Promise<AsyncIterable<MessageShape>> {
  const losesHeaders = sent?.noMux && hasMethod(connection, "jetstream");
  if (!losesHeaders || own?.headers || !sent.headers) return connection.requestMany(subject, data, sent);
  const { headers } = sent;
  const publish: ConnectionShape["publish"] = (inbox, payload, options) =>
    connection.publish(inbox, payload, { ...options, headers });
  const caller = Object.create(connection, { publish: { value: publish } }) as ConnectionShape;
  return connection.requestMany.call(caller, subject, data, sent);
}

/** Names of the strategies in v2. */
const STRATEGIES: Readonly<Record<string, string>> = { jitterTimer: "stall", sentinelMsg: "sentinel" };

function manyAttributes({ strategy = "timer" }: RequestOptionsShape = {}) {
  return { "messaging.nats.request.strategy": STRATEGIES[strategy] ?? String(strategy) };
}

/** A request that waits for replies. */
class PendingRequest {
  readonly #instrumentation: Instrumentation;
  readonly #subject: string;
  readonly #destination: Destination;
  readonly #bytes: number;
  readonly #options: RequestOptionsShape | undefined;
  readonly #span: Span | undefined;
  readonly #started = now();
  #isSent = false;
  #replies = 0;
  #ended = false;

  constructor(
    instrumentation: Instrumentation,
    subject: string,
    data: Payload | undefined,
    options: RequestOptionsShape | undefined,
    attributes?: ReturnType<typeof manyAttributes>,
  ) {
    this.#instrumentation = instrumentation;
    this.#subject = subject;
    this.#destination = instrumentation.subjects.ofAnything(subject);
    this.#bytes = payloadBytes(data);
    const isProducer = instrumentation.tracing?.rules.requestSpanKind === "producer";
    const own = isProducer ? SPANS.requestProducer : SPANS.request;
    const outgoing = prepare(instrumentation, {
      // CLIENT even if the message was created elsewhere: waiting for the reply is this client's work.
      shapes: { own, forwarded: SPANS.request },
      destination: this.#destination,
      subject,
      bytes: this.#bytes,
      options,
      attributes,
    });
    this.#span = outgoing.span;
    this.#options = outgoing.options;
  }

  /** Sends the request. If the client throws at once, the request has ended. */
  send<T>(request: (options: RequestOptionsShape | undefined) => Promise<T>): Promise<T> {
    const before = this.#instrumentation.accepted;
    this.#instrumentation.requestsInFlight++;
    try {
      const promise = request(this.#options);
      this.#isSent = this.#instrumentation.hasAcceptedSince(before);
      if (this.#isSent) this.#instrumentation.countPublished(this.#destination, this.#bytes);
      return promise;
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  replied(message: MessageShape): void {
    this.#replies++;
    this.#destination.countReply();
    const { tracing, problems } = this.#instrumentation;
    const span = this.#span;
    if (!tracing || !span || this.#ended) return;
    problems.guard("tracer", () => tracing.linkIfForeign(span, message.headers));
  }

  /**
   * The error that a service replied with. The application gets the reply as usual, but the request has
   * failed.
   */
  serviceError(message: MessageShape): ServiceReplyError | undefined {
    const code = this.#instrumentation.problems.guard("message", () => serviceErrorCode(message.headers));
    return code === undefined ? undefined : new ServiceReplyError(code);
  }

  /** Records the first of several replies. */
  firstReply(): void {
    if (this.#ended) return;
    this.#instrumentation.problems.guard("tracer", () => this.#span?.addEvent("nats.first_reply"));
  }

  /** Whether the client accepted the message. */
  get isSent(): boolean {
    return this.#isSent;
  }

  get replies(): number {
    return this.#replies;
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const instrumentation = this.#instrumentation;
    instrumentation.requestsInFlight--;
    if (!this.#isSent) instrumentation.countPublishError(this.#destination, error);
    const outcome = outcomeOf(error);
    const durationSeconds = now() - this.#started;
    observe(this.#destination.requests(outcome), durationSeconds, this.#span);
    if (instrumentation.listeners.hasAny("request")) {
      instrumentation.listeners.emit("request", {
        subject: this.#subject,
        bytes: this.#bytes,
        durationSeconds,
        outcome,
        span: this.#span,
        ...(error !== undefined && { error }),
      });
    }
    instrumentation.closeSpan(this.#span, error);
  }

  /** Sets the number of replies of `requestMany` on the span. */
  describeReplies(): void {
    if (this.#ended) return;
    this.#instrumentation.problems.guard("tracer", () =>
      this.#span?.setAttribute("messaging.batch.message_count", this.#replies),
    );
  }
}

/** Default of `maxWait` in both clients. */
const DEFAULT_MAX_WAIT_MS = 1000;

function wrapReplies(
  replies: AsyncIterable<MessageShape>,
  pending: PendingRequest,
  options: RequestOptionsShape | undefined,
): AsyncIterable<MessageShape> {
  const finish = (error?: unknown) => {
    pending.describeReplies();
    pending.end(error);
  };
  // Ends the request if the application never loops over the replies.
  const unread = setTimeout(finish, options?.maxWait || DEFAULT_MAX_WAIT_MS);
  unread.unref();
  return delegate(replies, {
    [Symbol.asyncIterator]() {
      clearTimeout(unread);
      return wrapIterator(replies[Symbol.asyncIterator](), {
        begin(message) {
          if (pending.replies === 0) pending.firstReply();
          pending.replied(message);
          return undefined;
        },
        finish,
        enter: undefined,
      }).iterator;
    },
  });
}
