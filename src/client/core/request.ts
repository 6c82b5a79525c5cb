/** request and requestMany: a message that asks, and the wait for its answer. */
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

/** The requesting members of an observed connection. */
export function requesting(instrumentation: Instrumentation) {
  const { connection } = instrumentation;
  return {
    request(subject: string, data?: Payload, options?: RequestOptionsShape): Promise<MessageShape> {
      const asked = new Asked(instrumentation, subject, data, options);
      const reply = asked.send((sent) => connection.request(subject, data, sent));
      const observed = reply.then(
        (message) => {
          asked.replied(message);
          asked.end(asked.serviceError(message));
          return message;
        },
        (error: unknown) => {
          asked.end(error);
          if (isCaughtByClient(asked, options, error)) observed.catch(() => {});
          throw error;
        },
      );
      return observed;
    },

    requestMany(
      subject: string,
      data?: Payload,
      options?: RequestOptionsShape,
    ): Promise<AsyncIterable<MessageShape>> {
      const asked = new Asked(instrumentation, subject, data, options, manyAttributes(options));
      const replies = asked.send((sent) => askMany(connection, subject, data, options, sent));
      return replies.then(
        (iterable) => wrapReplies(iterable, asked, options),
        (error: unknown) => {
          asked.end(error);
          throw error;
        },
      );
    },
  };
}

/**
 * Both clients catch what a request by the multiplexed inbox is rejected with, beside giving it back: who does not
 * wait for such a request never hears of an unhandled rejection. A promise made of theirs has to be caught too.
 */
function isCaughtByClient(asked: Asked, options: RequestOptionsShape | undefined, error: unknown): boolean {
  return !options?.noMux && (asked.isSent || errorType(error) === "max_payload_exceeded");
}

/** Without the multiplexed inbox v2's requestMany sends no headers at all: there the context is sent for it. */
function askMany(
  connection: ConnectionShape,
  subject: string,
  data: Payload | undefined,
  own: RequestOptionsShape | undefined,
  sent: RequestOptionsShape | undefined,
): Promise<AsyncIterable<MessageShape>> {
  const isForgetful = sent?.noMux && hasMethod(connection, "jetstream");
  if (!isForgetful || own?.headers || !sent.headers) return connection.requestMany(subject, data, sent);
  const { headers } = sent;
  const publish: ConnectionShape["publish"] = (inbox, payload, options) =>
    connection.publish(inbox, payload, { ...options, headers });
  const caller = Object.create(connection, { publish: { value: publish } }) as ConnectionShape;
  return connection.requestMany.call(caller, subject, data, sent);
}

/** v2's names for the strategies. */
const STRATEGIES: Readonly<Record<string, string>> = { jitterTimer: "stall", sentinelMsg: "sentinel" };

function manyAttributes({ strategy = "timer" }: RequestOptionsShape = {}) {
  return { "messaging.nats.request.strategy": STRATEGIES[strategy] ?? String(strategy) };
}

/** A request that waits for replies. */
class Asked {
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
      // Waiting for the reply is a client's work, whoever made the message.
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

  /** Sends it; what the client throws at once ends it. */
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

  /** What a service says went wrong: the application gets the reply as any other, but the request failed. */
  serviceError(message: MessageShape): ServiceReplyError | undefined {
    const code = this.#instrumentation.problems.guard("message", () => serviceErrorCode(message.headers));
    return code === undefined ? undefined : new ServiceReplyError(code);
  }

  /** The first of several replies. */
  firstReply(): void {
    if (this.#ended) return;
    this.#instrumentation.problems.guard("tracer", () => this.#span?.addEvent("nats.first_reply"));
  }

  /** Whether the client took it. */
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
    if (instrumentation.listeners.hear("request")) {
      instrumentation.listeners.tell("request", {
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

  /** How many replies there were, for the span of a request for many. */
  describeReplies(): void {
    if (this.#ended) return;
    this.#instrumentation.problems.guard("tracer", () =>
      this.#span?.setAttribute("messaging.batch.message_count", this.#replies),
    );
  }
}

/** What the clients wait for when they are not told: `requestMany`'s `maxWait`. */
const DEFAULT_MAX_WAIT_MS = 1000;

function wrapReplies(
  replies: AsyncIterable<MessageShape>,
  asked: Asked,
  options: RequestOptionsShape | undefined,
): AsyncIterable<MessageShape> {
  const finish = (error?: unknown) => {
    asked.describeReplies();
    asked.end(error);
  };
  // Nobody may ever loop over the replies.
  const unread = setTimeout(finish, options?.maxWait || DEFAULT_MAX_WAIT_MS);
  unread.unref();
  return delegate(replies, {
    [Symbol.asyncIterator]() {
      clearTimeout(unread);
      return wrapIterator(replies[Symbol.asyncIterator](), {
        begin(message) {
          if (asked.replies === 0) asked.firstReply();
          asked.replied(message);
          return undefined;
        },
        finish,
        enter: undefined,
      }).iterator;
    },
  });
}
