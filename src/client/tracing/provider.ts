/** Which tracer provider is registered with OpenTelemetry's API, by a copy of it that is this one or another. */
import { type TracerProvider, trace } from "@opentelemetry/api";

/** What providers have beside the interface; the API's own stands for another. */
interface ProviderShape extends TracerProvider {
  getDelegate?(): ProviderShape;
  forceFlush?(): Promise<void>;
}

/** Undefined where no SDK is registered: asking the API's own tracer for nothing would cost something. */
export function registeredProvider(): ProviderShape | undefined {
  const own = trace.getTracerProvider() as ProviderShape;
  const provider = own.getDelegate?.() ?? own;
  return provider.constructor.name === "NoopTracerProvider" ? undefined : provider;
}
