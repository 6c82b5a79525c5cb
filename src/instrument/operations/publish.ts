/** publish, publishMessage, respondMessage: what leaves at once. */
import { context, trace } from "@opentelemetry/api";
import { type Observer, payloadBytes, publishShape } from "../observer.ts";
import type { ConnectionShape, MessageShape, Payload, PublishOptionsShape } from "../shapes.ts";
import type { Destination } from "../subjects/destination.ts";
import { type HeadersShape, hasContext } from "../tracing/headers.ts";
import { SPANS, type SpanShape } from "../tracing/span-kinds.ts";
import type { SpanDetails } from "../tracing/tracing.ts";

/** The publishing members of an observed connection. */
export function publishing(observer: Observer) {
  const { connection } = observer;

  const publish: ConnectionShape["publish"] = (subject, data, options) => {
    if (observer.tracing || observer.listeners.hear("publish")) {
      publishObserved(observer, subject, data, options, (sent) => connection.publish(subject, data, sent));
      return;
    }
    try {
      connection.publish(subject, data, options);
    } catch (error) {
      countRefused(observer, subject, error);
      throw error;
    }
    observer.countPublished(observer.subjects.of(subject), payloadBytes(data));
  };

  return {
    publish,
    // As both clients do it themselves.
    publishMessage(message: MessageShape): void {
      publish(message.subject, message.data, optionsOf(message));
    },
    respondMessage(message: MessageShape): boolean {
      if (!message.reply) return connection.respondMessage(message);
      respondObserved(observer, message.reply, message.data, optionsOf(message), (sent) =>
        connection.publish(message.reply as string, message.data, sent),
      );
      return true;
    },
  };
}

/** Sends with these options: the application's, or a copy with other headers. */
type Send<T> = (options: PublishOptionsShape | undefined) => T;

/** A reply: its span has no destination, since an inbox is nobody's name. */
export function respondObserved<T>(
  observer: Observer,
  inbox: string,
  data: Payload | undefined,
  options: PublishOptionsShape | undefined,
  send: Send<T>,
  parent?: SpanDetails["parent"],
): T {
  return sendObserved(observer, SPANS.respond, inbox, data, options, send, parent && { parent });
}

function publishObserved(
  observer: Observer,
  subject: string,
  data: Payload | undefined,
  options: PublishOptionsShape | undefined,
  send: Send<void>,
): void {
  const own = options?.headers as HeadersShape | undefined;
  const forwards = own !== undefined && observer.tracing !== undefined && carriesContext(observer, own);
  sendObserved(
    observer,
    publishShape(forwards),
    subject,
    data,
    options,
    send,
    linkTo(observer, forwards, own),
  );
}

function sendObserved<T>(
  observer: Observer,
  shape: SpanShape,
  subject: string,
  data: Payload | undefined,
  options: PublishOptionsShape | undefined,
  send: Send<T>,
  details?: SpanDetails,
): T {
  const destination = typeof subject === "string" ? observer.subjects.of(subject) : nowhere(observer);
  const bytes = payloadBytes(data);
  const span = observer.openSpan(shape, destination, subject, details);
  const forwards = shape === SPANS.publishForward;
  const own = options?.headers as HeadersShape | undefined;
  // Asked for a trace, v3 writes into the headers itself: they have to be its own.
  const untouchable = forwards || options?.traceDestination !== undefined;
  const headers = untouchable ? own : observer.headersWith(span, own, bytes, details?.parent);
  try {
    const result = send(headers === own ? options : { ...options, headers });
    observer.countPublished(destination, bytes);
    observer.endPublish({ subject, bytes, span });
    return result;
  } catch (error) {
    observer.countPublishError(destination, error);
    observer.endPublish({ subject, bytes, span, error });
    throw error;
  }
}

function carriesContext(observer: Observer, headers: HeadersShape): boolean {
  return observer.problems.guard("tracer", () => hasContext(headers)) ?? false;
}

/** Who forwards a message with its context links to it. */
function linkTo(observer: Observer, forwards: boolean, headers: HeadersShape | undefined) {
  if (!forwards) return undefined;
  const carried = observer.problems.guard("tracer", () => observer.tracing?.read(headers));
  const sender = carried && trace.getSpanContext(carried);
  return sender && { parent: context.active(), links: [{ context: sender }] };
}

function optionsOf({ reply, headers }: MessageShape): PublishOptionsShape {
  return { ...(reply !== undefined && { reply }), headers };
}

function countRefused(observer: Observer, subject: string, error: unknown): void {
  const destination = typeof subject === "string" ? observer.subjects.of(subject) : nowhere(observer);
  observer.countPublishError(destination, error);
}

/** Where a message goes whose subject is none. */
function nowhere(observer: Observer): Destination {
  return observer.subjects.of("");
}
