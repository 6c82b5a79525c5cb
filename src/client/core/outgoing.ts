/**
 * A message that is about to leave: its span, and the options that it is sent with. Those are never the
 * application's own objects: both clients write their defaults into what they are given, and `@nats-io` what a
 * publish says of server traces into its headers.
 */
import { type Attributes, type Context, context, trace } from "@opentelemetry/api";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import type { PublishOptionsShape } from "../shapes/connection.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import { EncodedHeaders, hasContext } from "../tracing/headers.ts";
import { SPANS, type SpanShape } from "../tracing/span-kinds.ts";
import type { SpanDetails } from "../tracing/tracing.ts";

/** What its span is of. */
export interface OutgoingShapes {
  readonly own: SpanShape;
  /** Of a message whose headers have a context already: they are left alone, and linked to. */
  readonly forwarded: SpanShape;
}

/** A publish, core or to a stream. */
export const PUBLISH: OutgoingShapes = { own: SPANS.publish, forwarded: SPANS.publishForward };
/** A reply. */
export const RESPOND: OutgoingShapes = { own: SPANS.respond, forwarded: SPANS.respondForward };

/** What is known of a message before it leaves. */
export interface OutgoingMessage<Options extends PublishOptionsShape> {
  readonly shapes: OutgoingShapes;
  readonly destination: Destination;
  readonly subject: string;
  /** Of the payload. */
  readonly bytes: number;
  readonly options: Options | undefined;
  /** Default: the active context. */
  readonly parent?: Context | undefined;
  readonly attributes?: Attributes | undefined;
}

/** Opens its span and gives it its headers. */
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

/** Options that the client may write into. */
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

/** What `@nats-io` clients will add to the headers. */
function bytesOfTraceOptions(options: PublishOptionsShape | undefined): number {
  const { traceDestination, traceOnly } = options ?? {};
  return (
    (traceDestination === undefined ? 0 : `Nats-Trace-Dest: ${traceDestination}\r\n`.length) +
    (traceOnly === undefined ? 0 : "Nats-Trace-Only: true\r\n".length)
  );
}

/** Whether headers have a context of their own. Those that cannot be read are left alone as if they had. */
export function carriesContext(instrumentation: Instrumentation, headers: HeadersShape): boolean {
  return instrumentation.problems.guard("tracer", () => hasContext(headers)) ?? true;
}

/** Who forwards a message with its context links to it. */
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
