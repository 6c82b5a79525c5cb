/**
 * Whether a span under an unsampled parent can only be unsampled too. A tracer has to be asked for every span,
 * and asking costs as much as a publish; where its sampler follows the parent, as the default one does, the
 * answer is known.
 */
import type { Tracer } from "@opentelemetry/api";

interface TracerShape {
  /** A tracer of the API asks the one that was registered after it. */
  readonly _delegate?: TracerShape;
  _getTracer?(): TracerShape;
  readonly _sampler?: { toString(): string };
}

/** What `ParentBasedSampler.toString()` says when nothing was changed about unsampled parents. */
const FOLLOWS = [/^ParentBased\{/, /remoteParentNotSampled=AlwaysOff/, /localParentNotSampled=AlwaysOff/];

/** Looks at the SDK's own sampler; false for a tracer that it does not know. */
export function followsUnsampledParent(tracer: Tracer): boolean {
  const shape = tracer as unknown as TracerShape;
  const delegate = shape._getTracer?.() ?? shape._delegate ?? shape;
  const sampler = delegate._sampler;
  if (!sampler) return false;
  const description = String(sampler);
  return description.startsWith("AlwaysOffSampler") || FOLLOWS.every((sign) => sign.test(description));
}
