/** Where buckets are opened: `views` of 2.x, `Kvm` and `Objm` of 3.x. Opening them is not observed itself. */

import type { Observer } from "../instrumentation/instrumentation.ts";
import { observedKeyValue } from "../kv/key-value.ts";
import { observedObjectStore } from "../object-store/object-store.ts";
import { delegate } from "../wrapping/delegate.ts";
import type { BucketManagerShape, Method, ViewsShape } from "./shapes.ts";

/** `views` of a raw JetStream client of 2.x, whose buckets are observed. */
export function observedViews(observer: Observer, rawJetStream: { readonly views: object }): object {
  const views = rawJetStream.views as ViewsShape;
  return delegate(views, {
    kv: opening(observer, (...input) => views.kv(...input), observedKeyValue),
    os: opening(observer, (...input) => views.os(...input), observedObjectStore),
  });
}

/** A `Kvm` whose buckets are observed. @param raw made of a raw connection or JetStream client */
export function observedKvm<Kvm extends object>(observer: Observer, raw: Kvm): Kvm {
  return observedManager(observer, raw, observedKeyValue);
}

/** An `Objm` whose object stores are observed. @param raw made of a raw connection or JetStream client */
export function observedObjm<Objm extends object>(observer: Observer, raw: Objm): Objm {
  return observedManager(observer, raw, observedObjectStore);
}

type Observe = (observer: Observer, raw: object) => object;

function observedManager<Manager extends object>(
  observer: Observer,
  raw: Manager,
  observe: Observe,
): Manager {
  const manager = raw as Manager & BucketManagerShape;
  return delegate(raw, {
    create: opening(observer, (...input) => manager.create(...input), observe),
    open: opening(observer, (...input) => manager.open(...input), observe),
  });
}

function opening(observer: Observer, open: Method<Promise<object>>, observe: Observe) {
  return (...input: unknown[]) => open(...input).then((bucket) => observe(observer, bucket));
}
