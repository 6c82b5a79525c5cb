/** publish and startBatch: messages that a stream acknowledges. */
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
import { ownOptions, Sender } from "./header-injection.ts";
import type { BatchShape, JetStreamPublishOptionsShape, JetStreamShape, PublishAckShape } from "./shapes.ts";

/** Where a stream looks for the id of a message. */
export const MESSAGE_ID = "Nats-Msg-Id";

/** The publishing members of an observed JetStream client. */
export function publishing(instrumentation: Instrumentation, raw: JetStreamShape) {
  const sender = instrumentation.tracing && new Sender(raw);
  const { startBatch } = raw;
  return {
    publish(
      subject: string,
      data?: Payload,
      options?: JetStreamPublishOptionsShape,
    ): Promise<PublishAckShape> {
      const publication = new Publication(instrumentation, subject, data, options);
      const client = sender?.through((headers) => publication.carry(headers)) ?? raw;
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
        const turn: Turn = { publication: new Publication(instrumentation, subject, data, options) };
        const client = sender?.through((headers) => turn.publication.carry(headers)) ?? raw;
        const started = turn.publication.send(
          () => startBatch.call(client, subject, data, ownOptions(instrumentation, options)),
          () => undefined,
        );
        return started.then((batch) => wrapBatch(instrumentation, batch, turn));
      },
    }),
  };
}

/** Whose headers the connection of a batch is about to send: it sends within the call. */
interface Turn {
  publication: Publication;
}

/**
 * Messages that are added have no span of their own and carry the context of whoever adds them; those that the
 * server is asked to confirm, and the commit, are publishes as any other.
 */
function wrapBatch(instrumentation: Instrumentation, batch: BatchShape, turn: Turn): BatchShape {
  return delegate(batch, {
    add(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape) {
      const add = () => batch.add(subject, data, ownOptions(instrumentation, options));
      const isAnswered = options?.ack === true;
      const kind = isAnswered ? "answered" : "unanswered";
      turn.publication = new Publication(instrumentation, subject, data, options, kind);
      if (isAnswered) {
        return turn.publication.send(
          () => add() as Promise<void>,
          () => undefined,
        );
      }
      return turn.publication.sendUnanswered(add);
    },
    commit(subject: string, data?: Payload, options?: JetStreamPublishOptionsShape) {
      turn.publication = new Publication(instrumentation, subject, data, options);
      return turn.publication.send(
        () => batch.commit(subject, data, ownOptions(instrumentation, options)),
        (ack) => ack,
      );
    },
  });
}

/** A message that is on its way into a stream. */
class Publication {
  readonly #instrumentation: Instrumentation;
  readonly #subject: string;
  readonly #destination: Destination;
  readonly #bytes: number;
  readonly #forwards: boolean;
  readonly #span: Span | undefined;
  readonly #started = now();
  #attempts = 0;

  /** @param kind only what is answered has a span */
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

  /** What goes out instead of the headers that the client built. */
  carry(headers: HeadersShape | undefined): unknown {
    this.#attempts++;
    if (this.#attempts > 1) {
      this.#instrumentation.problems.guard("tracer", () => this.#span?.addEvent("nats.retry"));
    }
    return this.#forwards ? headers : this.#instrumentation.headersWith(this.#span, headers, this.#bytes);
  }

  /** Sends it, and ends with the stream's answer. */
  send<T>(publish: () => Promise<T>, ackOf: (result: T) => PublishAckShape | undefined): Promise<T> {
    return attempt(
      () => this.#give(publish),
      (failure) => this.#end(failure, undefined),
      (result) => {
        this.#end(undefined, ackOf(result));
        return result;
      },
    );
  }

  /** Sends it where nothing answers. */
  sendUnanswered<T>(publish: () => T): T {
    try {
      const result = this.#give(publish);
      this.#tell(undefined);
      return result;
    } catch (error) {
      this.#instrumentation.countPublishError(this.#destination, error);
      this.#tell(error);
      throw error;
    }
  }

  #give<T>(publish: () => T): T {
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
    this.#tell(error);
  }

  #tell(error: unknown): void {
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
