/** `publish` and `startBatch`: messages that a stream acknowledges. */
import type { Attributes, Span } from "@opentelemetry/api";
import { carriesContext, linkTo, PUBLISH } from "../core/outgoing.ts";
import { outcomeOf } from "../errors/failure.ts";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import { type Payload, payloadBytes } from "../shapes/connection.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import { delegate } from "../wrapping/delegate.ts";
import { attempt } from "../wrapping/settling.ts";
import { HeaderInjector, ownOptions } from "./header-injection.ts";
import type { BatchShape, JetStreamPublishOptionsShape, JetStreamShape, PublishAckShape } from "./shapes.ts";

/** Header with the message id, by which streams recognise duplicates. */
export const MESSAGE_ID = "Nats-Msg-Id";

/** The publishing members of an instrumented JetStream client. */
export function publishing(instrumentation: Instrumentation, raw: JetStreamShape) {
  const injector = instrumentation.tracing && new HeaderInjector(raw);
  const { startBatch } = raw;
  return {
    publish(
      subject: string,
      data?: Payload,
      options?: JetStreamPublishOptionsShape,
    ): Promise<PublishAckShape> {
      const publication = new Publication(instrumentation, subject, data, options);
      const client = injector?.clientWith((headers) => publication.carry(headers)) ?? raw;
      return publication.send(
        () => client.publish(subject, data, ownOptions(instrumentation, options)),
        (ack) => ack,
      );
    },

    ...(startBatch && {
      startBatch(
        subject: string,
        data?: Payload,
        options?: JetStreamPublishOptionsShape,
      ): Promise<BatchShape> {
        const current: CurrentMessage = {
          publication: new Publication(instrumentation, subject, data, options),
        };
        const client = injector?.clientWith((headers) => current.publication.carry(headers)) ?? raw;
        const started = current.publication.send(
          () => startBatch.call(client, subject, data, ownOptions(instrumentation, options)),
          () => undefined,
        );
        return started.then((batch) => wrapBatch(instrumentation, batch, current));
      },
    }),
  };
}

/** The message whose headers a batch sends next; it sends within the call. */
interface CurrentMessage {
  publication: Publication;
}

/**
 * Wraps a batch. Added messages have no span and carry the active context; messages that the server confirms,
 * and the commit, have spans like any publish.
 */
function wrapBatch(instrumentation: Instrumentation, batch: BatchShape, current: CurrentMessage): BatchShape {
  return delegate(batch, {
    add(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape) {
      const add = () => batch.add(subject, data, ownOptions(instrumentation, options));
      const isAnswered = options?.ack === true;
      const kind = isAnswered ? "answered" : "unanswered";
      current.publication = new Publication(instrumentation, subject, data, options, kind);
      if (isAnswered) {
        return current.publication.send(
          () => add() as Promise<void>,
          () => undefined,
        );
      }
      return current.publication.sendUnanswered(add);
    },
    commit(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape) {
      current.publication = new Publication(instrumentation, subject, data, options);
      return current.publication.send(
        () => batch.commit(subject, data, ownOptions(instrumentation, options)),
        (ack) => ack,
      );
    },
  });
}

/** A message on its way into a stream. */
class Publication {
  readonly #instrumentation: Instrumentation;
  readonly #subject: string;
  readonly #destination: Destination;
  readonly #bytes: number;
  readonly #forwards: boolean;
  readonly #span: Span | undefined;
  readonly #started = now();
  #attempts = 0;

  /** @param kind an unanswered message has no span */
  constructor(
    instrumentation: Instrumentation,
    subject: string,
    data: Payload | undefined,
    options: JetStreamPublishOptionsShape | undefined,
    kind: "answered" | "unanswered" = "answered",
  ) {
    const own = options?.headers;
    this.#instrumentation = instrumentation;
    this.#subject = subject;
    this.#destination = instrumentation.subjects.ofAnything(subject);
    this.#bytes = payloadBytes(data);
    this.#forwards =
      own !== undefined && instrumentation.tracing !== undefined && carriesContext(instrumentation, own);
    if (kind === "unanswered") return;
    const shape = this.#forwards ? PUBLISH.forwarded : PUBLISH.own;
    const idInHeaders = () => instrumentation.problems.guard("message", () => own?.get(MESSAGE_ID));
    const id = instrumentation.tracing && (options?.msgID || idInHeaders());
    this.#span = instrumentation.openSpan(shape, this.#destination, subject, {
      ...linkTo(instrumentation, this.#forwards, own),
      ...(id && { attributes: { "messaging.message.id": id } }),
    });
  }

  /** Returns the headers to send instead of those that the client built. */
  carry(headers: HeadersShape | undefined): unknown {
    this.#attempts++;
    if (this.#attempts > 1) {
      this.#instrumentation.problems.guard("tracer", () => this.#span?.addEvent("nats.retry"));
    }
    return this.#forwards ? headers : this.#instrumentation.headersWith(this.#span, headers, this.#bytes);
  }

  /** Sends the message, and ends with the stream's answer. */
  send<T>(publish: () => Promise<T>, ackOf: (result: T) => PublishAckShape | undefined): Promise<T> {
    return attempt(
      () => this.#call(publish),
      (failure) => this.#end(failure, undefined),
      (result) => {
        this.#end(undefined, ackOf(result));
        return result;
      },
    );
  }

  /** Sends a message that gets no answer. */
  sendUnanswered<T>(publish: () => T): T {
    try {
      const result = this.#call(publish);
      this.#emit(undefined);
      return result;
    } catch (error) {
      this.#instrumentation.countPublishError(this.#destination, error);
      this.#emit(error);
      throw error;
    }
  }

  #call<T>(publish: () => T): T {
    const instrumentation = this.#instrumentation;
    const before = instrumentation.accepted;
    const result = publish();
    if (instrumentation.hasAcceptedSince(before))
      instrumentation.countPublished(this.#destination, this.#bytes);
    return result;
  }

  #end(error: unknown, ack: PublishAckShape | undefined): void {
    const instrumentation = this.#instrumentation;
    const { vectors } = instrumentation.metrics;
    const { label } = this.#destination;
    observe(vectors.publishAck.of(label, outcomeOf(error)), now() - this.#started, this.#span);
    if (error !== undefined) instrumentation.countPublishError(this.#destination, error);
    if (ack?.duplicate) vectors.duplicates.of(label).value++;
    const span = this.#span;
    if (span && ack) instrumentation.problems.guard("tracer", () => span.setAttributes(attributesOf(ack)));
    this.#emit(error);
  }

  #emit(error: unknown): void {
    this.#instrumentation.endPublish({
      subject: this.#subject,
      bytes: this.#bytes,
      span: this.#span,
      ...(error !== undefined && { error }),
    });
  }
}

function attributesOf({ stream, seq, duplicate, count }: PublishAckShape): Attributes {
  return {
    "messaging.nats.stream.name": stream,
    "messaging.nats.message.stream_sequence": seq,
    ...(duplicate !== undefined && { "messaging.nats.message.duplicate": duplicate }),
    ...(count !== undefined && { "messaging.batch.message_count": count }),
  };
}
