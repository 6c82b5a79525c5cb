/** `publish`, `publishMessage` and `respondMessage`: messages without an answer. */
import type { Context } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import {
  type ConnectionShape,
  type MessageShape,
  type Payload,
  type PublishOptionsShape,
  payloadBytes,
} from "../shapes/connection.ts";
import { copyOf, type OutgoingShapes, PUBLISH, prepare, RESPOND } from "./outgoing.ts";

/** The publishing members of an instrumented connection. */
export function publishing(instrumentation: Instrumentation) {
  const { connection, subjects } = instrumentation;

  const publish: ConnectionShape["publish"] = (subject, data, options) => {
    if (instrumentation.tracing || instrumentation.listeners.hasAny("publish")) {
      const send: Send<void> = (sent) => connection.publish(subject, data, sent);
      sendInstrumented(instrumentation, PUBLISH, subject, data, options, send);
      return;
    }
    try {
      connection.publish(subject, data, options && copyOf(options));
    } catch (error) {
      instrumentation.countPublishError(subjects.ofAnything(subject), error);
      throw error;
    }
    const destination = typeof subject === "string" ? subjects.of(subject) : subjects.ofAnything(subject);
    instrumentation.countPublished(destination, payloadBytes(data));
  };

  return {
    publish,
    // Both clients implement them the same way.
    publishMessage(message: MessageShape): void {
      publish(message.subject, message.data, optionsOf(message));
    },
    respondMessage(message: MessageShape): boolean {
      const { reply, data } = message;
      if (!reply) return connection.respondMessage(message);
      const send: Send<void> = (sent) => connection.publish(reply, data, sent);
      respondInstrumented(instrumentation, reply, data, optionsOf(message), send);
      return true;
    },
  };
}

/** Sends with these options, which the client may write into. */
type Send<T> = (options: PublishOptionsShape | undefined) => T;

/** Sends a reply. Its span has no destination name, because an inbox is not a name. */
export function respondInstrumented<T>(
  instrumentation: Instrumentation,
  inbox: string,
  data: Payload | undefined,
  options: PublishOptionsShape | undefined,
  send: Send<T>,
  parent?: Context,
): T {
  return sendInstrumented(instrumentation, RESPOND, inbox, data, options, send, parent);
}

function sendInstrumented<T>(
  instrumentation: Instrumentation,
  shapes: OutgoingShapes,
  subject: string,
  data: Payload | undefined,
  options: PublishOptionsShape | undefined,
  send: Send<T>,
  parent?: Context,
): T {
  const destination = instrumentation.subjects.ofAnything(subject);
  const bytes = payloadBytes(data);
  const attributes = shapes === PUBLISH ? replyTo(instrumentation, options) : undefined;
  const outgoing = prepare(instrumentation, {
    shapes,
    destination,
    subject,
    bytes,
    options,
    parent,
    attributes,
  });
  const { span } = outgoing;
  try {
    const result = send(outgoing.options);
    instrumentation.countPublished(destination, bytes);
    instrumentation.endPublish({ subject, bytes, span });
    return result;
  } catch (error) {
    instrumentation.countPublishError(destination, error);
    instrumentation.endPublish({ subject, bytes, span, error });
    throw error;
  }
}

/** The label of the reply subject: raw inboxes would be too many values. */
function replyTo(instrumentation: Instrumentation, options: PublishOptionsShape | undefined) {
  return options?.reply
    ? { "messaging.nats.message.reply_to": instrumentation.subjects.ofAnything(options.reply).label }
    : undefined;
}

function optionsOf({ reply, headers }: MessageShape): PublishOptionsShape {
  return { ...(reply !== undefined && { reply }), headers };
}
