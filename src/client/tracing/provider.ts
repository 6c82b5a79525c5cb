/** The tracer provider registered with OpenTelemetry's API, by this copy of the API or another. */
import { type TracerProvider, trace } from "@opentelemetry/api";

/** Members of providers besides the interface. The API's own provider delegates to another. */
interface ProviderShape extends TracerProvider {
  getDelegate?(): ProviderShape;
  forceFlush?(): Promise<void>;
}

/** Returns undefined if no SDK is registered, because even the API's no-op tracer has a cost. */
export function registeredProvider(): ProviderShape | undefined {
  const own = trace.getTracerProvider() as ProviderShape;
  const provider = own.getDelegate?.() ?? own;
  return provider.constructor.name === "NoopTracerProvider" ? undefined : provider;
}
