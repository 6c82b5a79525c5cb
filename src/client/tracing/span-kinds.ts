/**
 * The spans natscope makes, one row each: OpenTelemetry's messaging conventions (1.44) for NATS, and the RPC
 * conventions for a service's endpoint. NATS has no section of its own there: what is NATS's alone is called
 * `messaging.nats.*`.
 */
import { SpanKind } from "@opentelemetry/api";

/** What a span is of. */
export interface SpanShape {
  /** `messaging.operation.name`, and the first word of the span's name. */
  readonly operation: string;
  /** `messaging.operation.type`. */
  readonly type: "create" | "send" | "receive" | "process" | "settle";
  readonly kind: SpanKind;
  /** Whether it is of a consumer or a stream: what it is named by is a template, and no destination's name. */
  readonly ofConsumer?: true;
}

const send = (operation: string, kind = SpanKind.CLIENT): SpanShape => ({ operation, type: "send", kind });
const receive = (operation: string): SpanShape => ({ operation, type: "receive", kind: SpanKind.CLIENT });
const settle = (operation: string): SpanShape => ({ operation, type: "settle", kind: SpanKind.CLIENT });

/** All of them but the service's, which is no messaging span. */
export const SPANS = {
  publish: send("publish", SpanKind.PRODUCER),
  /** The message has a context already, which is left alone and linked to. */
  publishForward: send("publish"),
  respond: send("respond", SpanKind.PRODUCER),
  respondForward: send("respond"),
  /** CLIENT, not PRODUCER as other instrumentations have it: it lasts until the reply, so service maps are right. */
  request: send("request"),
  requestProducer: send("request", SpanKind.PRODUCER),
  process: { operation: "process", type: "process", kind: SpanKind.CONSUMER },
  next: { ...receive("next"), ofConsumer: true },
  fetch: { ...receive("fetch"), ofConsumer: true },
  ack: settle("ack"),
  nak: settle("nak"),
  term: settle("term"),
  working: settle("in_progress"),
  /** An ack that asks for the next message as well. */
  nextAck: settle("next"),
  put: send("put"),
  create: send("create"),
  update: send("update"),
  delete: send("delete"),
  purge: send("purge"),
  get: receive("get"),
  keys: receive("keys"),
  history: receive("history"),
  list: receive("list"),
  /** Until the client watches; what it then hands over is processed. */
  watch: receive("watch"),
} as const satisfies Record<string, SpanShape>;

/** The links that an SDK keeps of a span by default: to read the headers of further messages would be for nothing. */
export const MAX_LINKS = 128;
