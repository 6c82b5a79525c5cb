/**
 * Ended spans as data that a test can compare as a whole. Attributes of the connection are checked and left
 * out.
 */
import { type Link, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { InstrumentedFixture } from "./clients.ts";

/** A span, with the names of related spans. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: keyof typeof SpanKind;
  /** Without the connection's attributes, if those are right. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Name of the parent; `elsewhere` if it has not ended here; absent for the root of a trace. */
  readonly parent?: string;
  /** Names of the linked spans; absent without links. */
  readonly links?: readonly string[];
  /** Absent if the status is unset. */
  readonly failed?: true;
  readonly events?: readonly string[];
}

/** All ended spans, in the order of their end. */
export function endedSpans({
  spans,
  connection,
}: Pick<InstrumentedFixture, "spans" | "connection">): EndedSpan[] {
  const all = spans.ended;
  const nameOf = (spanId: string) => all.find((span) => span.spanContext().spanId === spanId)?.name;
  const common: Record<string, unknown> = {
    "messaging.system": "nats",
    "server.address": "127.0.0.1",
    "server.port": Number(connection.getServer().split(":").at(-1)),
  };
  return all.map((span) => endedSpan(span, nameOf, common));
}

function endedSpan(
  span: ReadableSpan,
  nameOf: (spanId: string) => string | undefined,
  common: Readonly<Record<string, unknown>>,
): EndedSpan {
  const { name, kind, parentSpanContext, links, status, events } = span;
  return {
    name,
    kind: SpanKind[kind] as keyof typeof SpanKind,
    attributes: ownAttributes(span, common),
    ...(parentSpanContext && { parent: nameOf(parentSpanContext.spanId) ?? "elsewhere" }),
    ...(links.length > 0 && {
      links: links.map((link: Link) => nameOf(link.context.spanId) ?? "elsewhere"),
    }),
    ...(status.code === SpanStatusCode.ERROR && { failed: true }),
    ...(events.length > 0 && { events: events.map((event) => event.name) }),
  };
}

function ownAttributes({ name, attributes }: ReadableSpan, common: Readonly<Record<string, unknown>>) {
  const own = { ...attributes };
  if (name === "test") return own;
  for (const [key, value] of Object.entries(common)) if (own[key] === value) delete own[key];
  if (/^\d+$/.test(String(own["messaging.client.id"]))) delete own["messaging.client.id"];
  else own["messaging.client.id"] ??= "missing";
  return own;
}

/** Attributes of a span of this operation. */
export function operation(
  name: string,
  type: string,
  destination: string | undefined,
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    "messaging.operation.name": name,
    "messaging.operation.type": type,
    ...(destination !== undefined && { "messaging.destination.template": destination }),
    ...(destination !== undefined &&
      !/[*>]/.test(destination) && { "messaging.destination.name": destination }),
    ...more,
  };
}

/** Attributes of spans of messages to an inbox. */
export const TO_AN_INBOX = {
  "messaging.destination.template": "_INBOX.>",
  "messaging.destination.temporary": true,
} as const;
