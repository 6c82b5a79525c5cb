/**
 * next() and fetch(): messages that the application asks for. The span of what it asks lasts until it has them,
 * and links to whoever sent them; each message of a fetch has a span of its processing as well, as those of
 * consume() have.
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
  type Handed,
  instrumentUnprocessed,
  wrapCallback,
} from "./delivery.ts";
import { deliveryAttributes, messageAttributes } from "./message-info.ts";
import type { JetStreamCallback, JetStreamMessageShape } from "./shapes.ts";
import type { Source } from "./source.ts";

/** next(), and v2's pull(): one message or, where it may be, null. Throws and rejects as `ask` does. */
export function receiveOne<Message extends JetStreamMessageShape | null>(
  instrumentation: Instrumentation,
  source: Source,
  ask: () => Promise<Message>,
): Promise<Message> {
  const asked = new Asked(instrumentation, source, "next");
  const receive = (message: Message): Message => {
    const handed = message && countDelivery(instrumentation, source, message);
    if (message && handed) {
      instrumentUnprocessed(instrumentation, message, handed);
      asked.describe(handed, message);
    }
    asked.end();
    return message;
  };
  return attempt(ask, (failure) => asked.end(failure), receive);
}

/** What the clients wait for where they are not told. */
const DEFAULT_EXPIRES_MS = 30_000;
/** More than any client waits beyond what it was told. */
const EXPIRES_MARGIN_MS = 5_000;

/** A fetch that goes on while the application loops over its messages. */
export class Fetching {
  readonly #instrumentation: Instrumentation;
  readonly #source: Source;
  readonly #asked: Asked;
  #unread: NodeJS.Timeout | undefined;

  constructor(instrumentation: Instrumentation, source: Source) {
    this.#instrumentation = instrumentation;
    this.#source = source;
    this.#asked = new Asked(instrumentation, source, "fetch");
  }

  /** Makes a call that starts it. What fails at once ends it. */
  during<T>(fetch: () => T): T {
    try {
      return fetch();
    } catch (thrown) {
      this.#asked.end(failureOf(thrown));
      throw thrown;
    }
  }

  /** Nobody may ever loop over the messages. */
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

  /** A callback that is called as the given one would be. */
  callback(callback: JetStreamCallback): JetStreamCallback {
    return wrapCallback((message) => this.#begin(message), callback);
  }

  #begin(message: JetStreamMessageShape): Processing | undefined {
    const processing = beginProcessing(this.#instrumentation, this.#source, message);
    if (processing) this.#asked.link(message);
    return processing;
  }

  end(error?: unknown): void {
    clearTimeout(this.#unread);
    this.#asked.endBatch(error);
  }
}

/** Messages that were asked for. */
class Asked {
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

  /** Says of the span which message it received. */
  describe({ consumer }: Handed, message: JetStreamMessageShape): void {
    this.#guarded((span) => span.setAttributes(messageAttributes(consumer, message.info)));
    this.#link(message.headers, undefined);
  }

  /** Says of the span that this message is one of several that it received. */
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
