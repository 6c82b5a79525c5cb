/** Durations: the clock, and observations with the trace that they belong to. */
import { type Span, type SpanContext, TraceFlags } from "@opentelemetry/api";
import type { Histogram } from "./cells.ts";

/** Seconds of a monotonic clock. */
export function now(): number {
  return performance.now() / 1000;
}

/** Observes a duration, with its trace as an exemplar if that is sampled. */
export function observe(histogram: Histogram, seconds: number, span: Span | undefined): void {
  const sampled = span && sampledContext(span);
  if (sampled) histogram.observeTraced(seconds, sampled.traceId, sampled.spanId);
  else histogram.observe(seconds);
}

/** A span that throws here throws again when it is ended; the failure is counted there. */
function sampledContext(span: Span): SpanContext | undefined {
  try {
    if (!span.isRecording()) return undefined;
    const own = span.spanContext();
    return own.traceFlags & TraceFlags.SAMPLED ? own : undefined;
  } catch {
    return undefined;
  }
}
