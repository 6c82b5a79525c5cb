/**
 * A request to an endpoint of a service: from the call of its handler, or its delivery to a loop, until the
 * handler's promise settles or the loop requests the next. Its span follows OpenTelemetry's RPC conventions
 * (1.44): kind SERVER, `rpc.method` is `service/endpoint`. Its parent is always the request, even with
 * `consumerParent: "link"`, because the requester waits for the reply.
 */
import { type Attributes, type Context, ROOT_CONTEXT, type Span } from "@opentelemetry/api";
import { consumeEvent } from "../core/processing.ts";
import { respondInstrumented } from "../core/publish.ts";
import { ServiceReplyError } from "../errors/failure.ts";
import { codeOfThrown, serviceErrorCode } from "../errors/service-error.ts";
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import type { Destination } from "../labels/destination.ts";
import { now, observe } from "../metrics/timing.ts";
import type { Payload, PublishOptionsShape } from "../shapes/connection.ts";
import type { HeadersShape } from "../shapes/headers.ts";
import type { OpenItem } from "../wrapping/iteration.ts";
import { failureOf } from "../wrapping/settling.ts";
import type { ServiceMessageShape } from "./shapes.ts";

/** Facts that all requests of an endpoint share. */
export class Endpoint {
  readonly service: string;
  readonly name: string;
  /** Includes the subjects of its groups. */
  readonly subject: string;
  readonly destination: Destination;
  readonly spanName: string;
  readonly attributes: Attributes;

  constructor(instrumentation: Instrumentation, service: string, name: string, subject: string) {
    this.service = service;
    this.name = name;
    this.subject = subject;
    this.destination = instrumentation.subjects.ofSubscription(subject);
    this.spanName = `${service}.${name}`;
    this.attributes = { "rpc.system.name": "nats", "rpc.method": `${service}/${name}` };
  }
}

/** Measures one request. Call `end` once; further calls have no effect. */
export class ServiceRequest implements OpenItem {
  readonly context: Context;
  readonly #span: Span | undefined;
  readonly #instrumentation: Instrumentation;
  readonly #endpoint: Endpoint;
  readonly #message: ServiceMessageShape;
  readonly #destination: Destination;
  readonly #started = now();
  #code: string | undefined;
  #ended = false;

  constructor(instrumentation: Instrumentation, endpoint: Endpoint, message: ServiceMessageShape) {
    this.#instrumentation = instrumentation;
    this.#endpoint = endpoint;
    this.#message = message;
    this.#destination = instrumentation.subjects.ofDelivery(message, endpoint.destination);
    this.#destination.countReceived(message.data.length);
    const { tracing, problems } = instrumentation;
    const opened =
      tracing &&
      problems.guard("tracer", () => {
        const { spanName, attributes } = endpoint;
        return tracing.openServer(spanName, tracing.read(message.headers), attributes);
      });
    this.#span = opened?.span;
    this.context = opened?.context ?? ROOT_CONTEXT;
    problems.guard("message", () => this.#instrumentReplies());
  }

  /** The handler threw: the client replies with this error's code. */
  thrown(error: unknown): void {
    this.#code ??= codeOfThrown(error);
    this.end(failureOf(error));
  }

  /** @param error failure of the handler; an error that it replied with is already known */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const { metrics, listeners } = this.#instrumentation;
    const { service, name, subject: source } = this.#endpoint;
    const span = this.#span;
    const durationSeconds = now() - this.#started;
    const failure = this.#code === undefined ? error : new ServiceReplyError(this.#code);
    const outcome = failure === undefined ? "ok" : "error";
    observe(metrics.vectors.service.of(service, name, outcome), durationSeconds, span);
    observe(this.#destination.processing, durationSeconds, span);
    if (error !== undefined) metrics.vectors.processingErrors.of(this.#destination.label).value++;
    if (listeners.hasAny("consume")) {
      const message = this.#message;
      const how = { durationSeconds, span, error: error ?? failure };
      listeners.emit("consume", consumeEvent({ message, source }, how));
    }
    this.#describeStatus();
    this.#instrumentation.closeSpan(span, failure);
  }

  #describeStatus(): void {
    const code = this.#code;
    if (code === undefined) return;
    this.#instrumentation.problems.guard("tracer", () =>
      this.#span?.setAttribute("rpc.response.status_code", code),
    );
  }

  /**
   * Records replies. `respond`, `respondError` and the client's reply for a handler that throws all end in
   * `msg.respond`.
   */
  #instrumentReplies(): void {
    const inner = this.#message.msg;
    if (!inner?.reply) return;
    const respond = inner.respond.bind(inner);
    const parent = this.#instrumentation.tracing && this.context;
    inner.respond = (data?: Payload, options?: PublishOptionsShape) => {
      this.#code ??= serviceErrorCode(options?.headers as HeadersShape | undefined);
      const send = (sent: PublishOptionsShape | undefined) => respond(data, sent);
      return respondInstrumented(this.#instrumentation, inner.reply as string, data, options, send, parent);
    };
  }
}
