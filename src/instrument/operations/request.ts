/** request and requestMany: a message that asks, and the wait for its answer. */
import type { Span } from "@opentelemetry/api";
import { delegate } from "../delegate.ts";
import type { Outcome } from "../failure.ts";
import { now, type Observer, observe, outcome, payloadBytes } from "../observer.ts";
import type { MessageShape, Payload, RequestOptionsShape } from "../shapes.ts";
import type { Destination } from "../subjects/destination.ts";
import { type HeadersShape, hasContext } from "../tracing/headers.ts";
import { SPANS } from "../tracing/span-kinds.ts";
import { observedIterator } from "./iteration.ts";

/** The requesting members of an observed connection. */
export function requesting(observer: Observer) {
  const { connection } = observer;
  return {
    request(subject: string, data?: Payload, options?: RequestOptionsShape): Promise<MessageShape> {
      if (typeof subject !== "string") return connection.request(subject, data, options);
      const asked = new Asked(observer, subject, data, options);
      const reply = asked.send((sent) => connection.request(subject, data, sent));
      return reply.then(
        (message) => {
          asked.replied(message);
          asked.end();
          return message;
        },
        (error: unknown) => {
          asked.end(error);
          throw error;
        },
      );
    },

    requestMany(
      subject: string,
      data?: Payload,
      options?: RequestOptionsShape,
    ): Promise<AsyncIterable<MessageShape>> {
      if (typeof subject !== "string") return connection.requestMany(subject, data, options);
      const asked = new Asked(observer, subject, data, options);
      const replies = asked.send((sent) => connection.requestMany(subject, data, sent));
      return replies.then(
        (iterable) => observedReplies(iterable, asked, options),
        (error: unknown) => {
          asked.end(error);
          throw error;
        },
      );
    },
  };
}

/** A request that waits for replies. */
class Asked {
  readonly #observer: Observer;
  readonly #subject: string;
  readonly #destination: Destination;
  readonly #bytes: number;
  readonly #options: RequestOptionsShape | undefined;
  readonly #span: Span | undefined;
  readonly #started = now();
  #replies = 0;
  #ended = false;

  constructor(
    observer: Observer,
    subject: string,
    data: Payload | undefined,
    options: RequestOptionsShape | undefined,
  ) {
    this.#observer = observer;
    this.#subject = subject;
    this.#destination = observer.subjects.of(subject);
    this.#bytes = payloadBytes(data);
    this.#options = options;
    const producer = observer.tracing?.rules.requestSpanKind === "producer";
    this.#span = observer.openSpan(
      producer ? SPANS.requestProducer : SPANS.request,
      this.#destination,
      subject,
    );
  }

  /** Sends it; what the client throws at once ends it. */
  send<T>(request: (options: RequestOptionsShape | undefined) => Promise<T>): Promise<T> {
    const own = this.#options?.headers as HeadersShape | undefined;
    const headers = this.#mayCarry(own) ? this.#observer.headersWith(this.#span, own, this.#bytes) : own;
    this.#observer.requestsInFlight++;
    try {
      // A copy where there is one to make: clients write their defaults into what they are given.
      const sent = headers === own ? this.#options && { ...this.#options } : { ...this.#options, headers };
      const promise = request(sent);
      this.#observer.countPublished(this.#destination, this.#bytes);
      return promise;
    } catch (error) {
      this.end(error);
      throw error;
    }
  }

  replied(message: MessageShape): void {
    this.#replies++;
    this.#observer.metrics.vectors.replies.of(this.#destination.label).value++;
    const { tracing, problems } = this.#observer;
    const span = this.#span;
    if (tracing && span) problems.guard("tracer", () => tracing.linkIfForeign(span, message.headers));
  }

  /** The first of several replies. */
  firstReply(): void {
    this.#observer.problems.guard("tracer", () => this.#span?.addEvent("nats.first_reply"));
  }

  get replies(): number {
    return this.#replies;
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const observer = this.#observer;
    observer.requestsInFlight--;
    const how: Outcome = outcome(error);
    const durationSeconds = now() - this.#started;
    observe(observer.metrics.vectors.request.of(this.#destination.label, how), durationSeconds, this.#span);
    if (observer.listeners.hear("request")) {
      observer.listeners.tell("request", {
        subject: this.#subject,
        bytes: this.#bytes,
        durationSeconds,
        outcome: how,
        span: this.#span,
        ...(error !== undefined && { error }),
      });
    }
    observer.closeSpan(this.#span, error);
  }

  /** How many replies there were, for the span of a request for many. */
  describeReplies(): void {
    this.#observer.problems.guard("tracer", () =>
      this.#span?.setAttribute("messaging.batch.message_count", this.#replies),
    );
  }

  /** Headers with a context of their own are forwarded as they are. v3 writes into those of a traced publish. */
  #mayCarry(own: HeadersShape | undefined): boolean {
    if (this.#options?.traceDestination !== undefined) return false;
    return !own || !(this.#observer.problems.guard("tracer", () => hasContext(own)) ?? true);
  }
}

/** What the clients wait for when they are not told: `requestMany`'s `maxWait`. */
const DEFAULT_MAX_WAIT_MS = 1000;

function observedReplies(
  replies: AsyncIterable<MessageShape>,
  asked: Asked,
  options: RequestOptionsShape | undefined,
): AsyncIterable<MessageShape> {
  const finish = (error?: unknown) => {
    asked.describeReplies();
    asked.end(error);
  };
  const { maxWait = DEFAULT_MAX_WAIT_MS } = (options ?? {}) as { maxWait?: number };
  // Nobody may ever loop over the replies.
  const unread = setTimeout(finish, maxWait);
  unread.unref();
  return delegate(replies, {
    [Symbol.asyncIterator]() {
      clearTimeout(unread);
      return observedIterator(replies[Symbol.asyncIterator](), {
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
