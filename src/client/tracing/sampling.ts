/**
 * Facts about a tracer's sampler. To start a span costs more than a publish; with a sampler of the SDK some
 * of that can be saved. For an unknown tracer or sampler every answer is false.
 */
import type { Tracer } from "@opentelemetry/api";

interface TracerShape {
  /** A tracer of the API delegates to the SDK's, once one is registered. */
  readonly _delegate?: TracerShape;
  _getTracer?(): TracerShape;
  readonly _sampler?: SamplerShape;
}

interface SamplerShape {
  readonly [field: string]: unknown;
  toString(): string;
}

/** Parts of `ParentBasedSampler.toString()` with the defaults for unsampled parents. */
const FOLLOWS = [/^ParentBased\{/, /remoteParentNotSampled=AlwaysOff/, /localParentNotSampled=AlwaysOff/];

/** Whether a span with an unsampled parent is certainly unsampled, which is the default. */
export function followsUnsampledParent(tracer: Tracer): boolean {
  const sampler = samplerOf(tracer);
  if (!sampler) return false;
  const description = String(sampler);
  return description.startsWith("AlwaysOffSampler") || FOLLOWS.every((sign) => sign.test(description));
}

const BLIND: ReadonlySet<unknown> = new Set([
  "AlwaysOnSampler",
  "AlwaysOffSampler",
  "TraceIdRatioBasedSampler",
]);

/** Fields of `ParentBasedSampler` with the samplers that it uses. */
const ASKED_BY_PARENT_BASED = [
  "_root",
  "_remoteParentSampled",
  "_remoteParentNotSampled",
  "_localParentSampled",
  "_localParentNotSampled",
];

/**
 * Whether the sampler decides without the span's attributes. Then they can be set after it has decided: the
 * SDK validates them before, in vain if the span is not sampled.
 */
export function ignoresAttributes(tracer: Tracer): boolean {
  const sampler = samplerOf(tracer);
  if (classOf(sampler) !== "ParentBasedSampler") return BLIND.has(classOf(sampler));
  return ASKED_BY_PARENT_BASED.every((field) => BLIND.has(classOf(sampler?.[field])));
}

function samplerOf(tracer: Tracer): SamplerShape | undefined {
  const shape = tracer as unknown as TracerShape;
  const delegate = shape._getTracer?.() ?? shape._delegate ?? shape;
  return delegate._sampler;
}

/** The class, not `toString()`: an application's own sampler may inherit that. */
function classOf(sampler: unknown): string | undefined {
  return (sampler as object | undefined)?.constructor.name;
}
