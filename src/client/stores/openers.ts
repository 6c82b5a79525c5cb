/**
 * Wrappers of the objects that open buckets: `views` of 2.x, `Kvm` and `Objm` of 3.x. Opening itself is not
 * recorded.
 */
import type { Instrumentation } from "../instrumentation/instrumentation.ts";
import { delegate } from "../wrapping/delegate.ts";
import type { BucketManagerShape, Method } from "./shapes.ts";

/** Wraps a bucket that was opened. */
type WrapBucket = (instrumentation: Instrumentation, raw: object) => object;

/** Returns a method that opens a bucket and wraps it. */
export function opening(instrumentation: Instrumentation, open: Method<Promise<object>>, wrap: WrapBucket) {
  return (...input: unknown[]) => open(...input).then((bucket) => wrap(instrumentation, bucket));
}

/**
 * Wraps a `Kvm` or `Objm`.
 * @param raw created from a raw connection or JetStream client
 */
export function wrapBucketManager<Manager extends object>(
  instrumentation: Instrumentation,
  raw: Manager,
  wrap: WrapBucket,
): Manager {
  const manager = raw as Manager & BucketManagerShape;
  return delegate(raw, {
    create: opening(instrumentation, (...input) => manager.create(...input), wrap),
    open: opening(instrumentation, (...input) => manager.open(...input), wrap),
  });
}
