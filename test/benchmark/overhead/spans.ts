/** OpenTelemetry's SDK as an application sets it up, with an exporter that only counts. */
import { context, propagation, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Tracing } from "./variants.ts";

/** Number of exported spans, which are then dropped. */
class Counting implements SpanExporter {
  exported = 0;

  export(spans: ReadableSpan[], done: (result: { code: 0 }) => void): void {
    this.exported += spans.length;
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}
}

/** Creates spans and counts those that reach the exporter. */
export class Spans {
  readonly #exporter = new Counting();
  readonly #provider: TracerProvider;

  /** From its constructor on, the whole process keeps contexts and propagates them in the W3C format. */
  constructor(tracing: Exclude<Tracing, "off">) {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    propagation.setGlobalPropagator(
      new CompositePropagator({
        propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
      }),
    );
    const root = tracing === "ratio 0" ? new TraceIdRatioBasedSampler(0) : new AlwaysOnSampler();
    this.#provider = new TracerProvider({
      sampler: new ParentBasedSampler({ root }),
      // Default settings: 512 spans in a batch, 2048 in the queue.
      spanProcessors: [new BatchSpanProcessor({ exporter: this.#exporter })],
    });
  }

  get tracer(): Tracer {
    return this.#provider.getTracer("benchmark");
  }

  /** Spans that reached the exporter; the processor dropped the others. */
  async exported(): Promise<number> {
    await this.#provider.forceFlush();
    return this.#exporter.exported;
  }
}
