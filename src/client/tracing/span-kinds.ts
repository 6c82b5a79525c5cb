/**
 * The spans of natscope, one row each, by OpenTelemetry's semantic conventions 1.44: messaging spans, and RPC
 * spans for the endpoints of services. The conventions have no section for NATS: attributes of NATS alone are
 * named `messaging.nats.*`.
 */
import { SpanKind } from "@opentelemetry/api";

/** Name and kind of a span. */
export interface SpanShape {
  /** `messaging.operation.name`, and the first word of the span's name. */
  readonly operation: string;
  /** `messaging.operation.type`. */
  readonly type: "create" | "send" | "receive" | "process" | "settle";
  readonly kind: SpanKind;
  /**
   * Whether the span belongs to a consumer or a stream: then its label is a template and not a destination
   * name.
   */
  readonly ofConsumer?: true;
}

const send = (operation: string, kind = SpanKind.CLIENT): SpanShape => ({ operation, type: "send", kind });
const receive = (operation: string): SpanShape => ({ operation, type: "receive", kind: SpanKind.CLIENT });
const settle = (operation: string): SpanShape => ({ operation, type: "settle", kind: SpanKind.CLIENT });

/** All spans except those of services, which are RPC spans. */
export const SPANS = {
  publish: send("publish", SpanKind.PRODUCER),
  /** The message already has a context: it is kept, and the span links to it. */
  publishForward: send("publish"),
  respond: send("respond", SpanKind.PRODUCER),
  respondForward: send("respond"),
  /**
   * CLIENT, not PRODUCER as in other instrumentations: the span lasts until the reply, and service maps show
   * an edge.
   */
  request: send("request"),
  requestProducer: send("request", SpanKind.PRODUCER),
  process: { operation: "process", type: "process", kind: SpanKind.CONSUMER },
  next: { ...receive("next"), ofConsumer: true },
  fetch: { ...receive("fetch"), ofConsumer: true },
  ack: settle("ack"),
  nak: settle("nak"),
  term: settle("term"),
  working: settle("in_progress"),
  /** An ack that also requests the next message. */
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
  /** Ends when the watch is established; the items have `process` spans. */
  watch: receive("watch"),
} as const satisfies Record<string, SpanShape>;

/** Maximum number of links per span: the default limit of OpenTelemetry SDKs, which drop further ones. */
export const MAX_LINKS = 128;
