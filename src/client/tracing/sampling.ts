/**
 * What is known of a tracer's sampler. A tracer has to be asked for every span, and asking costs more than a
 * publish; where its sampler is one of the SDK's own, some of that can be spared. Of a tracer or a sampler that
 * is not known, nothing is: whatever is asked here is false.
 */
import type { Tracer } from "@opentelemetry/api";

interface TracerShape {
  /** A tracer of the API asks the one that was registered after it. */
  readonly _delegate?: TracerShape;
  _getTracer?(): TracerShape;
  readonly _sampler?: SamplerShape;
}

interface SamplerShape {
  readonly [field: string]: unknown;
  toString(): string;
}

/** What `ParentBasedSampler.toString()` says when nothing was changed about unsampled parents. */
const FOLLOWS = [/^ParentBased\{/, /remoteParentNotSampled=AlwaysOff/, /localParentNotSampled=AlwaysOff/];

/** Whether a span under an unsampled parent can only be unsampled too, as by default. */
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

/** Whom `ParentBasedSampler` asks. */
const ASKED_BY_PARENT_BASED = [
  "_root",
  "_remoteParentSampled",
  "_remoteParentNotSampled",
  "_localParentSampled",
  "_localParentNotSampled",
];

/**
 * Whether the sampler decides without a look at a span's attributes. Then they need not be there when it is
 * asked: the SDK checks them twice before, and for nothing if the answer is no.
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

/** Not its description: that of a sampler of the application's own may be inherited. */
function classOf(sampler: unknown): string | undefined {
  return (sampler as object | undefined)?.constructor.name;
}
