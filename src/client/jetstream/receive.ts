/**
 * `next()` and `fetch()`: messages that the application requests. The span of the call lasts until the
 * messages are there and links to their senders. Each message of a fetch also has a span for its processing,
 * as with `consume()`.
 */
import { type Attributes, type Span, trace } from "@opentelemetry/api";
import type { Processing } from "../core/processing.ts";
import { outcomeOf } from "../errors/failure.ts";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { now, observe } from "../metrics/timing.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import { MAX_LINKS, SPANS } from "../tracing/span-kinds.ts";
import { wrapIterator } from "../wrapping/iteration.ts";
import { attempt, failureOf } from "../wrapping/settling.ts";
import {
  beginProcessing,
  countDelivery,
  type Delivery,
  instrumentUnprocessed,
  wrapCallback,
} from "./delivery.ts";
import { deliveryAttributes, messageAttributes } from "./message-info.ts";
import type { JetStreamCallback, JetStreamMessageShape } from "./shapes.ts";
import type { Source } from "./source.ts";

/** `next()`, and v2's `pull()`: one message, or null. Throws and rejects as `ask` does. */
export function receiveOne<Message extends JetStreamMessageShape | null>(
  instrumentation: Instrumentation,
  source: Source,
  ask: () => Promise<Message>,
): Promise<Message> {
  const pending = new PendingReceive(instrumentation, source, "next");
  const receive = (message: Message): Message => {
    const delivery = message && countDelivery(instrumentation, source, message);
    if (message && delivery) {
      instrumentUnprocessed(instrumentation, message, delivery);
      pending.describe(delivery, message);
    }
    pending.end();
    return message;
  };
  return attempt(ask, (failure) => pending.end(failure), receive);
}

/** Default of `expires` in both clients. */
const DEFAULT_EXPIRES_MS = 30_000;
/** Longer than any client waits after `expires`. */
const EXPIRES_MARGIN_MS = 5_000;

/** A fetch, which lasts while the application loops over its messages. */
export class Fetching {
  readonly #instrumentation: Instrumentation;
  readonly #source: Source;
  readonly #pending: PendingReceive;
  #unread: NodeJS.Timeout | undefined;

  constructor(instrumentation: Instrumentation, source: Source) {
    this.#instrumentation = instrumentation;
    this.#source = source;
    this.#pending = new PendingReceive(instrumentation, source, "fetch");
  }

  /** Starts the fetch. If the client throws at once, the fetch has ended. */
  during<T>(fetch: () => T): T {
    try {
      return fetch();
    } catch (thrown) {
      this.#pending.end(failureOf(thrown));
      throw thrown;
    }
  }

  /** Ends the fetch if the application never loops over the messages. */
  endUnlessRead(expiresMs: number = DEFAULT_EXPIRES_MS): void {
    this.#unread = setTimeout(() => this.end(), expiresMs + EXPIRES_MARGIN_MS);
    this.#unread.unref();
  }

  iterate(messages: AsyncIterable<JetStreamMessageShape>): AsyncIterableIterator<JetStreamMessageShape> {
    clearTimeout(this.#unread);
    const { iterator } = wrapIterator(messages[Symbol.asyncIterator](), {
      begin: (message) => this.#begin(message),
      finish: (error) => this.end(error),
      enter: this.#instrumentation.tracing?.enter,
    });
    return iterator;
  }

  /** Wraps a callback for the messages of this fetch. */
  callback(callback: JetStreamCallback): JetStreamCallback {
    return wrapCallback((message) => this.#begin(message), callback);
  }

  #begin(message: JetStreamMessageShape): Processing | undefined {
    const processing = beginProcessing(this.#instrumentation, this.#source, message);
    if (processing) this.#pending.link(message);
    return processing;
  }

  end(error?: unknown): void {
    clearTimeout(this.#unread);
    this.#pending.endBatch(error);
  }
}

/** A call that waits for messages. */
class PendingReceive {
  readonly #instrumentation: Instrumentation;
  readonly #source: Source;
  readonly #started = now();
  readonly #span: Span | undefined;
  #messages = 0;
  #ended = false;

  constructor(instrumentation: Instrumentation, source: Source, operation: "next" | "fetch") {
    this.#instrumentation = instrumentation;
    this.#source = source;
    const { consumer } = source;
    this.#span =
      consumer &&
      instrumentation.openSpan(SPANS[operation], consumer.destination, consumer.destination.label, {
        attributes: consumer.attributes,
      });
  }

  /** Describes the one message of `next` on the span. */
  describe({ consumer }: Delivery, message: JetStreamMessageShape): void {
    this.#guarded((span) => span.setAttributes(messageAttributes(consumer, message.info)));
    this.#link(message.headers, undefined);
  }

  /** Links the span to one of the messages of a fetch. */
  link(message: JetStreamMessageShape): void {
    this.#messages++;
    if (!this.#span || this.#messages > MAX_LINKS) return;
    const { tracing } = this.#instrumentation;
    const { subject, info, headers } = message;
    this.#link(headers, {
      ...(tracing?.rules.subjects === "record" && { "messaging.destination.name": subject }),
      ...deliveryAttributes(info),
    });
  }

  endBatch(error?: unknown): void {
    if (this.#ended) return;
    this.#guarded((span) => span.setAttribute("messaging.batch.message_count", this.#messages));
    this.end(error);
  }

  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const { metrics } = this.#instrumentation;
    const { consumer } = this.#source;
    if (consumer) {
      const { stream, name } = consumer;
      observe(metrics.vectors.fetch.of(stream, name, outcomeOf(error)), now() - this.#started, this.#span);
    }
    this.#instrumentation.closeSpan(this.#span, error);
  }

  #link(headers: HeadersShape | undefined, attributes: Attributes | undefined): void {
    const { tracing } = this.#instrumentation;
    this.#guarded((span) => {
      const sender = tracing && trace.getSpanContext(tracing.read(headers));
      if (sender) span.addLink({ context: sender, ...(attributes && { attributes }) });
    });
  }

  #guarded(change: (span: Span) => void): void {
    const span = this.#span;
    if (span) this.#instrumentation.problems.guard("tracer", () => change(span));
  }
}
