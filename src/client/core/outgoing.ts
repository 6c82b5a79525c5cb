/**
 * A message before it leaves: its span, and the options it is sent with. The client gets copies of the
 * options, because both generations write their defaults into them, and `@nats-io` writes server-trace
 * options into the headers.
 */
import { type Attributes, type Context, context, trace } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import type { PublishOptionsShape } from "../shapes/connection.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import { EncodedHeaders, hasContext } from "../tracing/headers.ts";
import { SPANS, type SpanShape } from "../tracing/span-kinds.ts";
import type { SpanDetails } from "../tracing/tracing.ts";

/** The spans that a message may have. */
export interface OutgoingShapes {
  readonly own: SpanShape;
  /**
   * For a message whose headers already have a trace context: they stay unchanged, and the span links to it.
   */
  readonly forwarded: SpanShape;
}

/** A publish, core or JetStream. */
export const PUBLISH: OutgoingShapes = { own: SPANS.publish, forwarded: SPANS.publishForward };
/** A reply. */
export const RESPOND: OutgoingShapes = { own: SPANS.respond, forwarded: SPANS.respondForward };

/** A message before it leaves. */
interface OutgoingMessage<Options extends PublishOptionsShape> {
  readonly shapes: OutgoingShapes;
  readonly destination: Destination;
  readonly subject: string;
  /** Payload bytes. */
  readonly bytes: number;
  readonly options: Options | undefined;
  /** Default: the active context. */
  readonly parent?: Context | undefined;
  readonly attributes?: Attributes | undefined;
}

/** Opens the span of a message and adds its headers. */
export function prepare<Options extends PublishOptionsShape>(
  instrumentation: Instrumentation,
  message: OutgoingMessage<Options>,
) {
  const { shapes, destination, subject, bytes, options, attributes } = message;
  if (!instrumentation.tracing) return { span: undefined, options: copyOf(options) };
  const parent = message.parent ?? context.active();
  const own = options?.headers as HeadersShape | undefined;
  const isForwarded = own !== undefined && carriesContext(instrumentation, own);
  const links = linkTo(instrumentation, isForwarded, own);
  const shape = isForwarded ? shapes.forwarded : shapes.own;
  const span = instrumentation.openSpan(shape, destination, subject, { parent, attributes, ...links });
  if (isForwarded) return { span, options: copyOf(options) };
  const headers = instrumentation.headersWith(span, own, bytes + bytesOfTraceOptions(options), parent);
  return { span, options: headers === own ? copyOf(options) : ({ ...options, headers } as Options) };
}

/** Copies options that the client may write into. */
export function copyOf<Options extends PublishOptionsShape>(
  options: Options | undefined,
): Options | undefined {
  if (!options) return options;
  const { headers } = options;
  if (!asksForTrace(options) || typeof headers?.encode !== "function") return { ...options };
  return { ...options, headers: EncodedHeaders.of(headers.encode(), []) };
}

function asksForTrace({ traceDestination, traceOnly }: PublishOptionsShape): boolean {
  return traceDestination !== undefined || traceOnly !== undefined;
}

/** Bytes that `@nats-io` clients will add to the headers. */
function bytesOfTraceOptions(options: PublishOptionsShape | undefined): number {
  const { traceDestination, traceOnly } = options ?? {};
  return (
    (traceDestination === undefined ? 0 : `Nats-Trace-Dest: ${traceDestination}\r\n`.length) +
    (traceOnly === undefined ? 0 : "Nats-Trace-Only: true\r\n".length)
  );
}

/**
 * Whether headers have a trace context. If they cannot be read they count as if they had, and stay unchanged.
 */
export function carriesContext(instrumentation: Instrumentation, headers: HeadersShape): boolean {
  return instrumentation.problems.guard("tracer", () => hasContext(headers)) ?? true;
}

/** The link from the span of a forwarded message to the context in its headers. */
export function linkTo(
  instrumentation: Instrumentation,
  forwards: boolean,
  headers: HeadersShape | undefined,
): Pick<SpanDetails, "links"> | undefined {
  if (!forwards) return undefined;
  const carried = instrumentation.problems.guard("tracer", () => instrumentation.tracing?.read(headers));
  const sender = carried && trace.getSpanContext(carried);
  return sender && { links: [{ context: sender }] };
}
